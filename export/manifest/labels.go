package manifest

import "fmt"

// dropped is the label that token-classification pipelines leave out.
const dropped = "O"

// CopyOf is what stands in the name of a copy behind that of what is copied: nothing
// for the first, or only one.
func CopyOf(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" (copy %d)", n)
}

// Spelled returns the texts of the outputs for config.json, distinct as loaders need
// them. They are for people. Where RASP prints two values alike (the string 1 and the
// number 1) the later one gets its kind; what a pipeline would drop or show as
// nothing is spelled otherwise. A number has one output, called value.
func (o Output) Spelled() []string {
	if o.Kind == Numeric {
		return []string{"value"}
	}
	used := map[string]bool{dropped: true, "": true}
	texts := make([]string, len(o.Labels))
	for i, atom := range o.Labels {
		texts[i] = distinct(atom, used)
		used[texts[i]] = true
	}
	return texts
}

// distinct spells an atom unlike anything in used.
func distinct(atom Atom, used map[string]bool) string {
	text := atom.Text
	if !used[text] {
		return text
	}
	if text != "" && text != dropped {
		text += " (" + atom.Kind + ")"
	}
	for used[text] {
		text += "_"
	}
	return text
}
