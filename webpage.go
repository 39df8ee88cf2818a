package raspc

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/internal/atomicfile"
	"github.com/raspc/raspc/page"
	"github.com/raspc/raspc/verify"
	"github.com/raspc/raspc/verify/network"
)

// WebPage is a web page about a model and its program, one HTML file that needs no other.
// On it inputs can be tried. See package page.
type WebPage struct{ view *verify.View }

// WebPage returns the page of the compiled model.
func (m *Model) WebPage() (*WebPage, error) {
	var n *network.Network
	if d := m.result.Layout.Model; shown(d) {
		n = networkOf(d)
	}
	v, err := verify.NewView(m.Manifest(), n)
	if err != nil {
		return nil, err
	}
	return &WebPage{v}, nil
}

// OpenWebPage returns the page of a model in an export folder, with the weights of the first
// file that has the format, or of the first that can be shown where format is empty. The
// error is a ChoiceError where the folder does not hold the format, or the program as a
// part of a larger model only.
func OpenWebPage(dir, format string) (*WebPage, error) {
	if err := checkWhole(dir); err != nil {
		return nil, err
	}
	if format != "" {
		if err := checkFormats(dir, []string{format}); err != nil {
			return nil, err
		}
	}
	v, err := verify.OpenView(dir, format)
	if err != nil {
		return nil, filed(dir, err)
	}
	return &WebPage{v}, nil
}

// Write writes the page. The same model gives the same bytes. The error is a ChoiceError
// where it would be too large for a browser.
func (p *WebPage) Write(w io.Writer) error {
	err := page.Write(w, p.view)
	if errors.As(err, new(*page.TooLargeError)) {
		return &ChoiceError{err, "raspc inspect without --html describes it, raspc run runs it"}
	}
	return err
}

// Save writes the page to a file, which has its old content or the page, whatever happens.
// The error is a ChoiceError where something else is in its place.
func (p *WebPage) Save(path string) error {
	switch info, err := os.Stat(path); {
	case err != nil: // a new file
		return atomicfile.Write(path, p.Write)
	case !info.Mode().IsRegular():
		return &ChoiceError{fmt.Errorf("%s is no regular file", path), "a page is written to a file, or with - to standard output"}
	}
	return atomicfile.Replace(path, p.Write)
}

// shown reports whether a model is small enough for a page, and for tables of its
// embeddings that have all their zeros.
func shown(m *decoder.Model) bool {
	const dense = 1 << 24
	_, nonzero := m.Params()
	return nonzero <= page.MaxWeights && (m.Config.Vocab+m.Config.Positions)*m.Config.DModel <= dense
}

// networkOf is a decoder as files hold it.
func networkOf(m *decoder.Model) *network.Network {
	c := m.Config
	n := &network.Network{
		Width: c.DModel, Causal: c.Causal, BOS: c.BOS,
		Tokens: rowsOf(m.Embed), Positions: rowsOf(m.Position), Unembed: linearOf(m.Unembed),
	}
	for _, l := range m.Layers {
		layer := network.Layer{In: linearOf(l.In), Out: linearOf(l.Out)}
		layer.Out.Bias = rowsOf(l.OutBias)[0]
		for _, h := range l.Heads {
			layer.Heads = append(layer.Heads, network.Head{Q: linearOf(h.Q), K: linearOf(h.K), V: linearOf(h.V), O: linearOf(h.O), Scale: 1})
		}
		n.Layers = append(n.Layers, layer)
	}
	return n
}

func rowsOf(m decoder.Matrix) [][]float64 {
	rows := make([][]float64, m.Rows)
	for i := range rows {
		rows[i] = make([]float64, m.Cols)
	}
	for _, e := range m.Entries {
		rows[e.Row][e.Col] = float64(e.W)
	}
	return rows
}

func linearOf(m decoder.Matrix) network.Linear {
	l := network.Linear{Columns: make([][]network.Weight, m.Cols)}
	for _, e := range m.Entries {
		l.Columns[e.Col] = append(l.Columns[e.Col], network.Weight{Row: e.Row, W: float64(e.W)})
	}
	return l
}
