package pipeline

import (
	"errors"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
)

// TestOrder reads the table: names are distinct, every stage but the first says
// after which it comes and why, and that one is there before it.
func TestOrder(t *testing.T) {
	before := map[string]bool{}
	for i, s := range Stages {
		if before[s.Name] || s.Doc == "" || s.run == nil || s.check == nil || s.dump == nil {
			t.Errorf("stage %q is not complete, or there twice", s.Name)
		}
		if (len(s.After) == 0) != (i == 0) {
			t.Errorf("stage %s comes after %v", s.Name, s.After)
		}
		for name, why := range s.After {
			if !before[name] || why == "" {
				t.Errorf("stage %s comes after %s, because %q", s.Name, name, why)
			}
		}
		before[s.Name] = true
	}
}

// TestAfterIsNeeded runs each stage without the one that it names: it does not
// do without.
func TestAfterIsNeeded(t *testing.T) {
	for i, s := range Stages {
		for name := range s.After {
			r := &Result{Source: diag.NewSource("test.rasp", "#: vocab = \"ab\"\n#: max_len = 3\nx = aggregate(full_s, indices);"), Options: Options{Opt: 1}}
			for _, earlier := range Stages[:i] {
				if earlier.Name != name {
					_ = earlier.guarded(r)
				}
			}
			var b strings.Builder
			if s.guarded(r) == nil && dumps(s, r, &b) && name != "ast" && name != "simplify" {
				t.Errorf("stage %s does without %s", s.Name, name)
			}
		}
	}
}

func dumps(s Stage, r *Result, b *strings.Builder) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return s.dump(r, b) == nil
}

// TestInternalErrors gives panics and failed checks the name of the stage, and
// leaves errors of the program alone.
func TestInternalErrors(t *testing.T) {
	list := diag.List{diag.New(diag.NoOutput, diag.Span{}, "nothing")}
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		s     Stage
		check bool
		want  error // nil for an internal error
		text  string
	}{
		"a panic":                 {Stage{run: func(*Result) error { panic("no such thing") }}, false, nil, "internal error in stage odd for test.rasp: no such thing"},
		"an index out of range":   {Stage{run: func(r *Result) error { return []error{}[len(r.Timings)] }}, false, nil, "index out of range"},
		"a panic in the check":    {Stage{run: nothing, check: func(*Result) error { panic(broken) }}, true, nil, "broken"},
		"a failed check":          {Stage{run: nothing, check: func(*Result) error { return broken }}, true, nil, "internal error in stage odd for test.rasp: broken"},
		"an error of the program": {Stage{run: func(*Result) error { return list }, check: func(*Result) error { return broken }}, true, list, ""},
	} {
		tt.s.Name = "odd"
		err := tt.s.guarded(&Result{Source: diag.NewSource("test.rasp", ""), Options: Options{Check: tt.check}})
		var internal *InternalError
		if tt.want != nil {
			if errors.As(err, &internal) || err == nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.As(err, &internal) || internal.Stage != "odd" || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(name, "panic") != (internal.Stack != nil) && name != "an index out of range" {
			t.Errorf("%s: a stack of %d bytes", name, len(internal.Stack))
		}
		if name == "a failed check" && !errors.Is(err, broken) {
			t.Errorf("%s: the cause is lost", name)
		}
	}
	s := Stage{Name: "odd", run: nothing, check: func(*Result) error { return broken }}
	if err := s.guarded(&Result{Source: diag.NewSource("test.rasp", "")}); err != nil {
		t.Errorf("checked without being asked: %v", err)
	}
}
