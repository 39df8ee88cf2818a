package graph

import (
	"encoding/json"
	"io"
)

// JSON writes the graph as the node-link data of NetworkX: node_link_graph reads
// it as a directed graph with several edges between two nodes, by input.
func (g *Graph) JSON(w io.Writer) error {
	type node struct {
		ID       string   `json:"id"`
		Computes []string `json:"computes"`
		Stage    int      `json:"stage"`
	}
	type link struct {
		Source    string   `json:"source"`
		Target    string   `json:"target"`
		Key       string   `json:"key"`
		Variables []string `json:"variables"`
		Cancelled []string `json:"cancelled"`
		Fixed     bool     `json:"fixed"`
	}
	data := struct {
		Directed   bool              `json:"directed"`
		Multigraph bool              `json:"multigraph"`
		Graph      map[string]string `json:"graph"`
		Nodes      []node            `json:"nodes"`
		Edges      []link            `json:"edges"`
	}{true, true, map[string]string{"program": g.Program, "level": string(g.Level)}, []node{}, []link{}}
	for _, n := range g.Nodes {
		data.Nodes = append(data.Nodes, node{n.ID, append([]string{}, n.Computes...), n.Stage})
	}
	for _, l := range g.Links {
		data.Edges = append(data.Edges, link{l.From, l.To, l.Input, append([]string{}, l.Variables...), append([]string{}, l.Cancelled...), l.Fixed})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(data)
}
