package raspc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/raspc/raspc/frontend/diag"
)

// String describes the program in a few lines: its named s-ops, its aggregates,
// its large value sets and what may be undefined.
func (c *Check) String() string {
	var b strings.Builder
	b.WriteString(c.table())
	if len(c.Aggregates) > 0 {
		fmt.Fprintf(&b, "\n%s:\n", c.heading())
	}
	for _, a := range c.Aggregates {
		b.WriteString(a.String())
	}
	if len(c.Sets) > 0 {
		b.WriteString("\nlarge value sets, and what makes them so:\n")
	}
	for _, s := range c.Sets {
		for i, cause := range s.Causes {
			indent := strings.Repeat("  ", min(i, 1))
			fmt.Fprintf(&b, "%s%s: %s: %s\n", indent, place(cause.Name, cause.Line), diag.Plural(cause.Values, "value"), cause.From)
		}
	}
	if len(c.Hazards) > 0 {
		b.WriteString("\nwhat may be undefined:\n")
	}
	for _, h := range c.Hazards {
		fmt.Fprintf(&b, "%s: %s: %s\n", place(h.Name, h.Line), h.What, h.where(c.TriedAll))
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// heading says how far the examples are from a proof.
func (c *Check) heading() string {
	switch {
	case c.TriedAll:
		return fmt.Sprintf("aggregates and widths (all %s tried)", diag.Plural(c.Tried, "input"))
	case c.Tried > 0:
		return fmt.Sprintf("aggregates and widths (%s tried)", diag.Plural(c.Tried, "input"))
	}
	return "aggregates and widths"
}

// table shows types and sizes in columns.
func (c *Check) table() string {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range c.SOps {
		size := "-"
		if s.Values > 0 {
			size = fmt.Sprintf("%d values", s.Values)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Type, size)
	}
	w.Flush()
	return b.String()
}

// place is a name with the line of what it names.
func place(name string, line int) string {
	if line == 0 {
		return name
	}
	return fmt.Sprintf("%s (line %d)", name, line)
}

// verbs say what becomes of the positions that an aggregate selects.
var verbs = map[string]string{
	"copies": "copies %s from", "copies_assumed": "copies %s from", "averages": "averages %s over", "sums": "sums %s over",
	"counts": "counts", "undefined": "reads %s at", "unknown": "reads %s at",
}

// String describes the aggregate in a few lines.
func (a *Aggregate) String() string {
	var b strings.Builder
	verb := verbs[a.Action]
	if a.Reads != nil {
		verb = fmt.Sprintf(verb, a.Reads.Name)
	}
	fmt.Fprintf(&b, "%s: %s %s", place(a.Name, a.Line), verb, a.Selector)
	if !a.Used {
		b.WriteString("; the output does not depend on it")
	}
	b.WriteString("\n  " + a.width() + "\n")
	if d := a.defaults(); d != "" {
		b.WriteString("  " + d + "\n")
	}
	if a.Undefined != nil {
		fmt.Fprintf(&b, "  undefined %s\n", a.Undefined)
	}
	if s := a.size(); s != "" {
		b.WriteString("  " + s + "\n")
	}
	return b.String()
}

// width says how many positions the rows select.
func (a *Aggregate) width() string {
	s := "rows of " + a.Rows.proved()
	if a.Rows.Why != "" {
		s += ", because " + a.Rows.Why
	}
	if a.Rows.SeenMost != nil {
		s += fmt.Sprintf(" (%s seen)", between(*a.Rows.SeenLeast, *a.Rows.SeenMost))
	}
	s += "; " + a.Empty.sentence("never empty", "empty", "whether one can be empty is not known")
	if a.Action == "copies_assumed" {
		s += "; that none selects two or more is not proved"
	}
	if a.Several.Example != nil && a.Action == "undefined" {
		s += "; two or more selected " + a.Several.Example.String()
	}
	return s
}

func (r Rows) proved() string {
	if r.Most == nil {
		return fmt.Sprintf("%d or more positions", r.Least)
	}
	unit := " positions"
	if *r.Most == 1 {
		unit = " position"
	}
	return between(r.Least, *r.Most) + unit
}

func between(least, most int) string {
	switch {
	case least == most:
		return fmt.Sprint(least)
	case least+1 == most:
		return fmt.Sprintf("%d or %d", least, most)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

// sentence words an answer; yes is followed by the example.
func (p Possible) sentence(no, yes, unknown string) string {
	switch {
	case p.Answer == "yes":
		return yes + " " + p.Example.String()
	case p.Answer == "unknown":
		return unknown
	case !p.Proved:
		return no + " on any input"
	}
	return no
}

// defaults says what an empty row gives and how that goes with the others.
func (a *Aggregate) defaults() string {
	if a.Default == nil || a.Empty.Answer == "no" {
		return ""
	}
	s := "an empty row gives the default " + a.Default.Value.Repr()
	if !a.Default.Given {
		s = "no default is given: an empty row gives 0"
	}
	switch a.Default.Clash {
	case "kind":
		s += ", and a sequence cannot mix strings and numbers"
	case "value":
		s += ", as other rows may; readers cannot tell them apart"
		if a.Default.Example != nil {
			s = strings.Replace(s, "as other rows may;", "as other rows do, "+a.Default.Example.String()+";", 1)
		}
	}
	return s
}

// size says how many values the result has, and how the model holds them.
func (a *Aggregate) size() string {
	if a.Values == 0 {
		return ""
	}
	parts := []string{diag.Plural(a.Values, "value")}
	if a.Reads != nil && a.Reads.Values > 0 {
		parts[0] += fmt.Sprintf(", of %d of %s", a.Reads.Values, a.Reads.Name)
	}
	for _, v := range a.Held {
		parts = append(parts, v.Encoding+", "+budget(v))
	}
	if len(a.Held) == 0 && a.Gap > 0 {
		parts = append(parts, fmt.Sprintf("%.3g apart", a.Gap))
	}
	return strings.Join(parts, "; ")
}

// String says where to look.
func (e *Example) String() string {
	text, err := json.Marshal(e.Input)
	if err != nil {
		return err.Error()
	}
	s := "on " + string(text)
	if e.Position >= 0 {
		s += fmt.Sprintf(", position %d", e.Position)
	}
	if e.Error != "" {
		s += ": " + e.Error
	}
	return s
}

// where says which input has the hazard.
func (h *Hazard) where(triedAll bool) string {
	switch {
	case h.Example != nil:
		return h.Example.String()
	case triedAll:
		return "on no input"
	}
	return "whether an input does so is not known"
}
