package pipeline

import (
	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/squeeze"
)

// squeeze takes over the program with fewer directions unless it makes the model
// larger, as what is read in the place of a direction may be needed for longer than that;
// or unless heads that the squeezing changed have moved behind what is not exact.
func (r *Result) squeeze() {
	plain := schedule.Make(r.Craft)
	behind := r.late(r.Craft, plain)
	p := squeeze.Make(r.Craft, r.arithmetic(), behind)
	s := schedule.Make(p)
	for name := range r.late(p, s) {
		if !behind[name] {
			return
		}
	}
	if s.Layers <= plain.Layers && r.width(p, s) < r.width(r.Craft, plain) {
		r.Craft = p
	}
}

// width is how many columns a program takes.
func (r *Result) width(p *craft.Program, s *schedule.Schedule) int {
	return layout.Make(p, s, layout.Options{Reuse: r.Options.Layout.Reuse}).Model.Config.DModel
}

// late names the heads that read the stream when something has been written to it that
// is not exact, as noise is. Norms may then change all columns by a last bit.
func (r *Result) late(p *craft.Program, s *schedule.Schedule) map[string]bool {
	exact := make([]bool, len(p.Residual))
	for d := range exact {
		exact[d] = true
	}
	for _, v := range p.Variables {
		for k := range v.Size() {
			exact[v.First+k] = v.Noise == 0
		}
	}
	first := s.Layers // that reads what is not exact
	for _, m := range []craft.Map{p.Embed, p.Position} {
		for _, e := range m {
			if !exact[e.To] {
				first = 0
			}
		}
	}
	for i, part := range p.Parts {
		for _, to := range part.Writes() {
			if !exact[to] {
				first = min(first, s.Layer[i]+1)
			}
		}
	}
	if r.Options.Disguise.Noise != 0 {
		first = 0
	}
	names := map[string]bool{}
	for i, part := range p.Parts {
		if part.Head != nil && s.Layer[i] >= first {
			names[part.Head.Name] = true
		}
	}
	return names
}
