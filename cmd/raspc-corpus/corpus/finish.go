package corpus

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/internal/atomicfile"
)

// The files of a dataset beside its shards.
const (
	FailuresFile = "failures.jsonl" // what was refused
	CardFile     = "README.md"
	SuccessFile  = "_SUCCESS.json" // written last
	begunFile    = ".raspc-corpus" // what is being made, while it is
)

// WorkFolder is where the outcomes of chunks are until a dataset is complete.
func WorkFolder(dir string) string { return filepath.Join(dir, ".work") }

// Summary is the content of SuccessFile. Nothing in it depends on when and where the dataset was
// made.
type Summary struct {
	Raspc    string          `json:"raspc"`
	Digest   string          `json:"digest"` // of the options and of raspc
	Options  json.RawMessage `json:"options"`
	Counts   Counts          `json:"counts"`
	Shards   []*Written      `json:"shards"`
	Failures File            `json:"failures"`
}

// Counts says what became of the programs.
type Counts struct {
	Tried      int            `json:"tried"`
	Refused    map[string]int `json:"refused"`    // by stage
	Duplicates int            `json:"duplicates"` // right, and left out for another program
	Written    int            `json:"written"`
	Splits     map[string]int `json:"splits"`
}

// OtherError says that a folder holds something else than a part of the wanted dataset.
type OtherError struct{ Dir, Has string }

func (e *OtherError) Error() string {
	return fmt.Sprintf("%s holds %s: name another folder, or remove it", e.Dir, e.Has)
}

// ChangedError says that programs in files have changed while their dataset was made.
type ChangedError struct{ Dir string }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("programs have changed while they were read: remove %s, and begin again", e.Dir)
}

// Begin claims a folder for a dataset, or finds a part of the same one there. It returns the
// summary of one that is complete, else nil.
func (o Options) Begin(dir string) (*Summary, error) {
	if done, err := ReadSummary(dir); done != nil || err != nil {
		if done != nil && done.Digest != o.Digest() {
			return nil, &OtherError{dir, "another dataset"}
		}
		if err == nil {
			err = done.check(dir)
		}
		return done, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	claim := filepath.Join(dir, begunFile)
	text, err := os.ReadFile(claim)
	switch {
	case err == nil && string(text) == o.Digest():
		return nil, nil
	case err == nil:
		return nil, &OtherError{dir, "a part of another dataset"}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	for _, e := range entries {
		if ours, _ := filepath.Match("."+begunFile+".*.tmp", e.Name()); !ours { // of a run that begins, or was killed then
			return nil, &OtherError{dir, e.Name() + ", which is of no dataset"}
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	return nil, write(claim, []byte(o.Digest()))
}

// DamagedError says that a file of a complete dataset is not what the summary says.
type DamagedError struct{ Path, Is string }

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s %s: copy the dataset again, or remove it and make it again", e.Path, e.Is)
}

// check looks for the files of a dataset, and at their sizes.
func (s *Summary) check(dir string) error {
	all := []File{s.Failures}
	for _, w := range s.Shards {
		all = append(all, w.Files...)
	}
	for _, f := range all {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return &DamagedError{path, "is missing"}
		case err != nil:
			return err
		case info.Size() != f.Bytes:
			return &DamagedError{path, fmt.Sprintf("has %d bytes, and %s says %d", info.Size(), SuccessFile, f.Bytes)}
		}
	}
	return nil
}

// Finished returns the summary of this dataset if it is complete, though it was not when Begin
// looked: another run of the same may have been faster, which then has removed what this one
// needed. What this one has left is removed.
func (o Options) Finished(dir string) (*Summary, error) {
	s, err := ReadSummary(dir)
	if s == nil || err != nil || s.Digest != o.Digest() {
		return nil, err
	}
	return s, errors.Join(removeTemporary(dir), removeWork(dir))
}

// ReadSummary reads the summary of a dataset; nil where it is not complete.
func ReadSummary(dir string) (*Summary, error) {
	path := filepath.Join(dir, SuccessFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	s := &Summary{}
	if err == nil {
		err = json.Unmarshal(text, s)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// WriteFailures writes the programs that were refused, by numbers.
func WriteFailures(dir string, all []*Failure) (File, error) {
	slices.SortFunc(all, func(a, b *Failure) int { return cmp.Compare(a.Index, b.Index) })
	err := atomicfile.Write(filepath.Join(dir, FailuresFile), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		for _, f := range all {
			if err := e.Encode(f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return File{}, err
	}
	return fileAt(dir, FailuresFile)
}

// Finish completes a dataset whose shards are written: the failures, the card, and last the
// summary. It removes what only the making needed. Programs that are not what they were
// when it began are a ChangedError.
func (o Options) Finish(dir string, shards []*Written, failures []*Failure) (*Summary, error) {
	sources, err := o.SourcesOf()
	if err != nil {
		return nil, err
	}
	if sources != o.Sources {
		return nil, &ChangedError{dir}
	}
	slices.SortFunc(shards, func(a, b *Written) int { return cmp.Compare(a.Files[0].Name, b.Files[0].Name) })
	listed, err := WriteFailures(dir, failures)
	if err != nil {
		return nil, err
	}
	s := &Summary{Raspc: raspc.Version, Digest: o.Digest(), Options: o.JSON(), Shards: shards, Failures: listed}
	s.Counts = o.counts(shards, failures)
	var text []byte
	if err := write(filepath.Join(dir, CardFile), []byte(o.card(s))); err != nil {
		return nil, err
	}
	if text, err = json.MarshalIndent(s, "", "  "); err != nil {
		return nil, err
	}
	if err := removeTemporary(dir); err != nil {
		return nil, err
	}
	if err := write(filepath.Join(dir, SuccessFile), append(text, '\n')); err != nil {
		return nil, err
	}
	return s, removeWork(dir)
}

// removeWork removes what only the making needed.
func removeWork(dir string) error {
	return errors.Join(os.RemoveAll(WorkFolder(dir)), os.RemoveAll(filepath.Join(dir, begunFile)))
}

// removeTemporary removes what writers that were killed have left beside the shards.
func removeTemporary(dir string) error {
	for _, folder := range []string{dir, filepath.Join(dir, Folder)} {
		left, err := filepath.Glob(filepath.Join(folder, ".*.tmp"))
		if err != nil {
			return err
		}
		for _, name := range left {
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

func (o Options) counts(shards []*Written, failures []*Failure) Counts {
	c := Counts{Tried: o.Programs(), Refused: map[string]int{}, Splits: map[string]int{}}
	for _, s := range shards {
		c.Splits[s.Split] += s.Programs
		c.Written += s.Programs
	}
	for _, f := range failures {
		c.Refused[f.Stage]++
	}
	c.Duplicates = c.Tried - len(failures) - c.Written
	return c
}

func write(path string, text []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// JSON writes what ParseWritten reads.
func (w *Written) JSON() ([]byte, error) { return json.Marshal(w) }

// ParseWritten reads what Written.JSON writes.
func ParseWritten(text []byte) (*Written, error) {
	w := &Written{}
	return w, json.Unmarshal(text, w)
}
