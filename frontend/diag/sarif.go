package diag

import (
	"io"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/sarif"
)

// WriteSARIF renders the list in reading order as a log in the format SARIF
// 2.1.0, all of it. The name tells the run apart from others that are kept beside
// it; a list of a command that broke off is not complete. What has no place in
// a file, such as a flag, has no location in the log. The only error is that of
// the writer.
func WriteSARIF(w io.Writer, l List, name string, complete bool) error {
	run := sarif.NewRun(name, complete)
	for _, d := range l.Sorted() {
		run.Add(d.Code.sarifRule(), d.sarif())
	}
	return run.Write(w)
}

// sarifRule describes a code by its title and by what its page begins with.
func (c Code) sarifRule() sarif.Rule {
	page, _ := Explain(c)
	r := sarif.Rule{
		ID: string(c), ShortDescription: sarif.Message{Text: page.Title},
		Default: sarif.Configuration{Level: sarifLevel(c.severity())},
	}
	if first, _, _ := strings.Cut(page.Text, "\n\n"); first != "" {
		r.Help = &sarif.Message{Text: first}
	}
	return r
}

// sarifLevel has the same words.
func sarifLevel(s Severity) sarif.Level { return sarif.Level(s.String()) }

func (d Diagnostic) sarif() sarif.Result {
	r := sarif.Result{Level: sarifLevel(d.Severity), Message: sarif.Message{Text: d.sarifText()}, Properties: map[string]any{}}
	if at, ok := d.Primary.sarif(); ok {
		if d.Text != "" {
			at.Message = &sarif.Message{Text: d.Text}
		}
		r.Locations = []sarif.Location{at}
	}
	for _, label := range d.Labels {
		if at, ok := label.Span.sarif(); ok {
			at.Message = &sarif.Message{Text: label.Text}
			r.RelatedLocations = append(r.RelatedLocations, at)
		}
	}
	for _, f := range d.Fixes {
		if fix, ok := f.sarif(); ok {
			r.Fixes = append(r.Fixes, fix)
		}
	}
	if class := d.Class(); class != "" {
		r.Properties["class"] = class
	}
	if input := d.Witness(); input != nil {
		r.Properties["input"] = input
	}
	return r
}

// sarifText is the message with what stands below it, a line each.
func (d Diagnostic) sarifText() string {
	lines := []string{d.Message}
	for _, n := range d.Notes {
		lines = append(lines, "note: "+n)
	}
	if d.Help != "" {
		lines = append(lines, "help: "+d.Help)
	}
	return strings.Join(lines, "\n")
}

// sarif returns the location of a span; there is none outside of files.
func (s Span) sarif() (sarif.Location, bool) {
	if s.IsZero() || !s.Source.isFile() {
		return sarif.Location{}, false
	}
	at := sarif.PhysicalLocation{Artifact: sarif.File(s.Source.name)}
	if !s.Source.whole {
		region := s.region()
		at.Region = &region
	}
	return sarif.Location{Physical: at}, true
}

func (s Span) region() sarif.Region {
	from, to := s.Pos(), s.EndPos()
	return sarif.Region{StartLine: from.Line, StartColumn: from.Column, EndLine: to.Line, EndColumn: to.Column}
}

// isFile reports whether the name is that of a file: flags and standard input
// have names that no path is given as.
func (s *Source) isFile() bool {
	return s.name != "" && !strings.HasPrefix(s.name, "--") && !strings.HasPrefix(s.name, "<")
}

// sarif returns the fix with its edits by file; there is none where something
// else than a file would have to change.
func (f Fix) sarif() (sarif.Fix, bool) {
	fix := sarif.Fix{Description: sarif.Message{Text: f.Title}}
	for _, e := range f.Edits {
		if !e.Span.Source.isFile() {
			return sarif.Fix{}, false
		}
		file := sarif.File(e.Span.Source.name)
		i := slices.IndexFunc(fix.Changes, func(c sarif.ArtifactChange) bool { return c.Artifact == file })
		if i < 0 {
			i = len(fix.Changes)
			fix.Changes = append(fix.Changes, sarif.ArtifactChange{Artifact: file})
		}
		fix.Changes[i].Replacements = append(fix.Changes[i].Replacements,
			sarif.Replacement{Deleted: e.Span.region(), Inserted: sarif.Message{Text: e.Text}})
	}
	return fix, len(fix.Changes) > 0
}
