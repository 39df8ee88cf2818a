package resolve

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// extension is what `load` adds to a name.
const extension = ".rasp"

// ReadFile reads a regular file of the operating system, up to a little more than
// the largest source.
func ReadFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, syntax.MaxSource+1))
	return string(data), err
}

// loadedFile is a file as read; broken says that some of it could not be parsed,
// so that names may be missing.
type loadedFile struct {
	*syntax.File
	broken bool
}

// execLoad runs a file in an environment of its own and copies what it bound at
// its top level.
func (s *Session) execLoad(st *syntax.Load, e *env) error {
	file, err := s.loadFile(st)
	if err != nil {
		e.partial = true
		return err
	}
	path := file.Source.Name()
	if slices.Contains(s.loading, path) {
		e.partial = true
		return diag.New(diag.CircularLoad, st.Path.Span(), "`%s` is loaded while it is being loaded", path).
			WithNote("%s loads %s", strings.Join(s.loading, " loads "), path)
	}
	s.loading = append(s.loading, path)
	inner := newEnv(fileScope, s.base)
	inner.partial = file.broken
	s.execFile(file.Stmts, inner)
	s.claims(file.Pragmas, inner)
	s.loading = s.loading[:len(s.loading)-1]
	if inner.partial {
		e.partial = true
	}
	return s.export(inner, e, st)
}

// export copies the bindings of a loaded file, in the order in which they were
// made, except private ones. Those that the loading environment refuses are
// reported; the others are copied all the same.
func (s *Session) export(from, to *env, st *syntax.Load) error {
	for _, v := range from.inOrder() {
		if strings.HasPrefix(v.name, "_") {
			continue
		}
		if to.scope == mainScope && libraryNames[v.name] {
			s.fail(diag.New(diag.Reserved, st.Path.Span(), "the loaded file binds `%s`, which belongs to the library", v.name).
				WithLabel(v.at, "bound here").
				WithNote("inside the loaded file the name works; it cannot be handed on"))
			continue
		}
		s.order++
		v.variable.order, v.variable.loaded = s.order, true
		to.vars[v.name] = v.variable
	}
	return nil
}

// loadFile reads and parses the file that a statement names: relative to the
// folder of the file that the statement stands in, else to the working directory.
func (s *Session) loadFile(st *syntax.Load) (*loadedFile, error) {
	name := st.Path.Value + extension
	candidates := []string{filepath.Join(filepath.Dir(st.Span().Source.Name()), name), filepath.Clean(name)}
	if filepath.IsAbs(name) {
		candidates = candidates[1:]
	}
	candidates = slices.Compact(candidates)
	for _, path := range candidates {
		file, err := s.parseFile(path)
		switch {
		case err == nil:
			return s.charged(file, st)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, diag.New(diag.LoadFailed, st.Path.Span(), "cannot load `%s`", path).WithNote("%v", err)
		}
	}
	d := diag.New(diag.LoadFailed, st.Path.Span(), "could not find file `%s`", name).
		WithNote("looked for %s", diag.Either(candidates...))
	if strings.HasSuffix(st.Path.Value, extension) {
		bare := `"` + strings.TrimSuffix(st.Path.Value, extension) + `"`
		return nil, d.WithHelp("`load` adds %s itself: write %s", extension, bare).
			WithEdit("write "+bare, st.Path.Span(), bare)
	}
	return nil, d
}

// charged counts a load as work by the size of the file.
func (s *Session) charged(file *loadedFile, st *syntax.Load) (*loadedFile, error) {
	if err := s.charge(1+len(file.Source.Text())/16, st.Span()); err != nil {
		return nil, err
	}
	return file, nil
}

// parseFile reads a file once; a second load runs the same tree again.
func (s *Session) parseFile(path string) (*loadedFile, error) {
	if file, ok := s.loaded[path]; ok {
		return file, nil
	}
	if s.opts.Read == nil {
		return nil, errors.New("loading files is not possible here")
	}
	text, err := s.opts.Read(path)
	if err != nil {
		return nil, err
	}
	src := diag.NewSource(path, text)
	s.files = append(s.files, src)
	var report diag.Report
	file := syntax.Parse(src, &report)
	list := report.List()
	s.report.AddAll(list)
	for _, d := range list.Errors() {
		s.failed(d)
	}
	s.trees[src] = file
	s.loaded[path] = &loadedFile{File: file, broken: list.HasErrors()}
	return s.loaded[path], nil
}
