package raspc

import (
	"path/filepath"

	"github.com/raspc/raspc/export/graph"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
)

// Graph is the causal graph of a model: which parts read what others write.
type Graph = graph.Graph

// GraphLevel is how finely a graph tells parts apart.
type GraphLevel = graph.Level

// The levels of graphs.
const (
	SOpLevel   = graph.SOp
	LayerLevel = graph.Layer
	HeadLevel  = graph.Head
	EdgeLevel  = graph.Edge
)

// GraphLevels are all levels, from the coarsest.
func GraphLevels() []GraphLevel { return graph.Levels() }

// GraphFormats are the formats that a Graph can be written in. Those that have the
// name of a tool need the level EdgeLevel.
func GraphFormats() []string { return graph.Formats() }

// GraphLevelOf is the level that suits a format.
func GraphLevelOf(format string) GraphLevel { return graph.DefaultLevel(format) }

// Graph returns the causal graph of the model.
func (m *Model) Graph(level GraphLevel) (*Graph, error) { return graph.Of(m.Manifest(), level) }

// InspectGraph returns the causal graph of the model in an export folder, as its
// raspc.json lists it.
func InspectGraph(dir string, level GraphLevel) (*Graph, error) {
	man, err := manifest.Read(dir)
	if err != nil {
		return nil, filed(dir, err)
	}
	g, err := graph.Of(man, level)
	if err != nil {
		return nil, filed(dir, fault.In(filepath.Join(dir, manifest.FileName), err))
	}
	return g, nil
}
