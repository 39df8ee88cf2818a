package pipeline

import (
	"errors"
	"fmt"
	"slices"

	"github.com/raspc/raspc/backend/disguise"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/frontend/values"
)

// Disguise makes models harder to read. The zero value leaves them as they are.
type Disguise struct {
	// Permute is the seed of the order of columns, heads and neurons; 0 keeps
	// the order.
	Permute uint32
	// Noise is the standard deviation of what is padding, 0 for zeros, and
	// NoiseSeed the seed of its random numbers, of which 0 is one, too.
	Noise     float64
	NoiseSeed uint32
	// Rotate is the seed of a rotation of the residual stream; 0 leaves it.
	Rotate uint32
	// Duplicate names s-ops that are held more than once.
	Duplicate []Duplicate
}

// Duplicate is an s-op that is held more than once.
type Duplicate struct {
	Name   string
	Copies int  // 2 to disguise.MostCopies
	Mean   bool // each reader takes the mean of the copies, not one of them
}

// The flags that errors are reported under.
const (
	duplicateFlag = "--duplicate"
	noiseFlag     = "--noise"
	rotateFlag    = "--rotate"
)

// duplicate holds s-ops in several places.
func (r *Result) duplicate() diag.List {
	for _, d := range r.Options.Disguise.Duplicate {
		id, _ := r.node(d.Name) // lowerOptions found it
		held := func(v craft.Variable) bool {
			return v.SOp == id || v.SOp == values.RawToken && r.Graph.Node(id).Op == sop.Tokens
		}
		switch {
		case d.Copies < 2 || d.Copies > disguise.MostCopies:
			return diag.List{flagged(diag.BadPragmaValue, duplicateFlag, fmt.Sprint(d.Copies), "an s-op is held 2 to %d times", disguise.MostCopies)}
		case slices.ContainsFunc(r.Craft.Variables, func(v craft.Variable) bool { return v.Copy > 0 && held(v) }):
			return diag.List{flagged(diag.BadPragmaValue, duplicateFlag, d.Name, "what holds `%s` is copied already", d.Name).
				WithHelp("name it once: an s-op may have several names, and all readings of the tokens are held as one")}
		case !r.holds(held):
			return diag.List{flagged(diag.UnknownTarget, duplicateFlag, d.Name, "no column holds `%s`, so that there is nothing to copy", d.Name).
				WithHelp("`raspc inspect` on an export lists what is held")}
		}
		r.Craft = disguise.Duplicate(r.Craft, held, d.Copies, d.Mean)
	}
	return nil
}

// holds reports whether the model holds a variable.
func (r *Result) holds(held func(craft.Variable) bool) bool {
	read := r.Craft.Read()
	for _, v := range r.Craft.Variables {
		for k := range v.Size() {
			if read[v.First+k] && held(v) {
				return true
			}
		}
	}
	return false
}

// disguise transforms the layout.
func (r *Result) disguise() diag.List {
	o, plain := r.Options.Disguise, r.Layout
	if o.Noise != 0 {
		l, err := disguise.Noise(r.Layout, r.arithmetic(), o.Noise, o.NoiseSeed)
		switch {
		case errors.Is(err, disguise.ErrNoRoom):
			columns := r.Layout.Model.Config.DModel
			return diag.List{flagged(diag.BadPragmaValue, noiseFlag, fmt.Sprint(o.Noise), "noise needs columns that nothing uses, and all %d are in use", columns).
				WithHelp("make room for it: --pad-model %d", columns+max(8, columns/4))}
		case err != nil:
			return diag.List{flagged(diag.BadPragmaValue, noiseFlag, fmt.Sprint(o.Noise), "%s", err)}
		}
		r.Layout = l
	}
	if o.Permute != 0 {
		r.Layout, plain = disguise.Permute(r.Layout, o.Permute), disguise.Permute(plain, o.Permute)
	}
	r.Layout.Plain = plain.Model
	if o.Rotate != 0 {
		l, err := disguise.Rotate(r.Layout, r.arithmetic(), o.Rotate)
		if err != nil {
			return diag.List{flagged(diag.BadPragmaValue, rotateFlag, fmt.Sprint(o.Rotate), "%s", err)}
		}
		l.Blur = disguise.Blur(r.Craft, r.Schedule, r.Layout, r.arithmetic().Unit())
		r.Layout = l
		return r.blurred()
	}
	return nil
}

// arithmetic is how the files are computed.
func (r *Result) arithmetic() craft.Arithmetic {
	if r.Options.Arithmetic == (craft.Arithmetic{}) {
		return craft.Float32
	}
	return r.Options.Arithmetic
}

// blurred refuses a rotation in which values may be taken for others.
func (r *Result) blurred() diag.List {
	const far = 8
	help := "leave out --rotate, or other options that widen the stream; or give the program shorter inputs or smaller numbers"
	if r.arithmetic() != craft.Float32 {
		help = "leave out --rotate, or --dtype"
	}
	for i, v := range r.Craft.Variables {
		off, gap := r.Layout.Blur[i], 1.0
		if v.Encoding == craft.Numeric {
			off, gap = off*v.Scale.Float64(), LeastGap(r.Values.Set(v.SOp))
		}
		if off > gap/far {
			return diag.List{flagged(diag.CannotLower, rotateFlag, fmt.Sprint(r.Options.Disguise.Rotate),
				"in a rotated stream `%s` may be off by %.2g, and its values are %.2g apart", v.Name, off, gap).
				WithHelp("%s", help)}
		}
	}
	return nil
}

// LeastGap is the least distance of two numbers of a set, 1 where there are no
// two.
func LeastGap(set []value.Value) float64 {
	gap := value.Int(1)
	for i := 1; i < len(set); i++ {
		if g := set[i].Rat().Sub(set[i-1].Rat()); i == 1 || g.Cmp(gap) < 0 {
			gap = g
		}
	}
	return gap.Float64()
}

// flagged is an error in the text of a flag.
func flagged(code diag.Code, flag, text, format string, args ...any) diag.Diagnostic {
	return diag.New(code, diag.Span{Source: diag.NewSource(flag, text), End: len(text)}, format, args...)
}
