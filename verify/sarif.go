package verify

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/raspc/raspc/frontend/sarif"
)

// The rules of a verification, one for each way in which a file is not shown
// to be the program.
var (
	differs = sarif.Rule{
		ID: "different", Default: sarif.Configuration{Level: sarif.Error},
		ShortDescription: sarif.Message{Text: "file computes something else than the program"},
		Help:             &sarif.Message{Text: "On the input that is named the file gives another output than the reference interpreter. Export the program again."},
	}
	isUndecided = sarif.Rule{
		ID: "undecided", Default: sarif.Configuration{Level: sarif.Warning},
		ShortDescription: sarif.Message{Text: "runs do not decide whether the file computes the program"},
		Help:             &sarif.Message{Text: "No input was tried, or outputs were right by too little to count. A larger budget may decide it."},
	}
	notProved = sarif.Rule{
		ID: "not-proved", Default: sarif.Configuration{Level: sarif.Warning},
		ShortDescription: sarif.Message{Text: "file is not proved to compute the program"},
		Help:             &sarif.Message{Text: "The outputs that were tried are right, but the certificate's method does not reach this file; it may compute the program all the same."},
	}
)

// WriteSARIF writes the report on a folder as a log in the format SARIF 2.1.0:
// a result for each file that differs, is undecided or is not proved, at the
// place of the file, and none for an equivalent one.
func (r *Report) WriteSARIF(w io.Writer, dir string) error {
	run := sarif.NewRun("verify "+filepath.ToSlash(filepath.Clean(dir)), true)
	for _, f := range r.Files {
		result := sarif.Result{Locations: []sarif.Location{{
			Physical: sarif.PhysicalLocation{Artifact: sarif.File(filepath.Join(dir, f.File))},
		}}}
		add := func(rule sarif.Rule, text string) {
			result.Level, result.Message = rule.Default.Level, sarif.Message{Text: text}
			run.Add(rule, result)
		}
		switch d := f.Difference; {
		case d != nil:
			result.Properties = map[string]any{"difference": jsonDifference(*d)}
			add(differs, d.text()+"\ncompared with "+r.Program)
		case r.Certificate == nil && f.open() != "":
			add(isUndecided, f.File+" is undecided: "+f.open())
		case !r.proved(f.File):
			add(notProved, fmt.Sprintf("%s is not proved: %s", f.File, r.reason(f.File)))
		}
	}
	return run.Write(w)
}

// reason says what stopped the proof of a file.
func (r *Report) reason(file string) string {
	for _, f := range r.Certificate.Files {
		if f.File == file {
			return f.Reason
		}
	}
	return ""
}
