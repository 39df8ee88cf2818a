package raspc

import (
	"github.com/raspc/raspc/backend/pipeline"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/tracr"
	"github.com/raspc/raspc/frontend/value"
)

// ToRASP writes a program of Tracr's, the text of a .sop.json, as RASP text that means
// the same. The error is a diag.List where the program is wrong, and where RASP cannot
// say it: it has neither None nor tuples, and does not mix strings and numbers.
func ToRASP(name, text string, o Options) (string, error) {
	src := diag.NewSource(name, text)
	if !tracr.Is(name, text) {
		return "", diag.List{diag.New(diag.ImportVersion, diag.InFile(name), "this is no program of Tracr's").
			WithHelp("scripts/tracr2raspc writes one from a Python program")}
	}
	o.Faithful = true // s-ops as they are written
	p := o.pipeline()
	p.Until = "values"
	r, err := pipeline.Run(src, p)
	if err != nil {
		return "", err
	}
	rasp, err := tracr.RASP(src, r.Graph, r.Output, r.Program.Settings, importFacts{r})
	if err != nil {
		return "", diag.List{err.(diag.Diagnostic)}
	}
	return Format("", rasp)
}

// importFacts are the compiler's facts of a graph.
type importFacts struct{ *pipeline.Result }

func (f importFacts) Values(id sop.ID) []value.Value {
	if !f.Result.Values.Has(id) || f.Graph.Node(id).Selector() {
		return nil
	}
	return f.Result.Values.Set(id)
}

func (f importFacts) AveragesBools(id sop.ID) bool {
	one := f.Result.Values.Aggregate(id)
	return (!one.Move || one.Assumed) && f.Result.Values.Kinds(f.Graph.Node(id).Args[1]).Has(value.KindBool)
}

func (f importFacts) MayDefault(id sop.ID) bool { return f.Result.Values.Aggregate(id).MayDefault }
