package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"
)

const (
	// maxHistory is how many lines are remembered.
	maxHistory = 1000
	// maxHistoryBytes is how much of the end of a history file is read.
	maxHistoryBytes = 1 << 20
)

// history holds the lines typed, oldest first, and keeps them in a file that
// only the user can read. It serves a term.Terminal.
type history struct {
	path  string // empty where lines are not kept
	lines []string
}

// historyFile is where the lines typed are kept: in the folder for state of the
// XDG Base Directory Specification, or on Windows in the user's local folder;
// empty where there is none.
func historyFile() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "raspc", "history")
	}
	if runtime.GOOS == "windows" {
		if dir, err := os.UserCacheDir(); err == nil {
			return filepath.Join(dir, "raspc", "history")
		}
		return ""
	}
	if dir, err := os.UserHomeDir(); err == nil {
		return filepath.Join(dir, ".local", "state", "raspc", "history")
	}
	return ""
}

// openHistory reads the lines of former sessions. After an error the lines of
// this one are not kept.
func openHistory(path string) (*history, error) {
	h := &history{path: path}
	if path == "" {
		return h, errors.New("there is no folder for them")
	}
	if err := h.read(); err != nil {
		h.path = ""
		return h, err
	}
	return h, nil
}

func (h *history) read() error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(h.path, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "read", Path: h.path, Err: errors.New("not a regular file")}
	}
	from := max(0, info.Size()-maxHistoryBytes)
	text, err := io.ReadAll(io.NewSectionReader(f, from, maxHistoryBytes))
	if err != nil {
		return err
	}
	h.lines = strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	if from > 0 && len(h.lines) > 0 {
		h.lines = h.lines[1:] // it begins somewhere before
	}
	if from > 0 || len(h.lines) > maxHistory || info.Mode().Perm()&0o077 != 0 {
		return h.rewrite()
	}
	return nil
}

// Add remembers a line, unless it is blank, was dropped, or is the same as the
// one before it. Where the file cannot be written any more, the session goes on
// without.
func (h *history) Add(line string) {
	dropped := line == abandoned || utf8.RuneCountInString(line) >= maxTyped
	if dropped || strings.TrimSpace(line) == "" || len(h.lines) > 0 && h.At(0) == line {
		return
	}
	h.lines = append(h.lines, line)
	if h.path == "" {
		return
	}
	write := h.append
	if len(h.lines) > 2*maxHistory {
		write = h.rewrite
	}
	if write() != nil {
		h.path = ""
	}
}

// append writes the newest line to the end of the file.
func (h *history) append() error {
	f, err := os.OpenFile(h.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, h.At(0)+"\n")
	return errors.Join(err, f.Close())
}

// rewrite replaces the file by the newest lines.
func (h *history) rewrite() error {
	h.lines = h.lines[max(0, len(h.lines)-maxHistory):]
	f, err := os.CreateTemp(filepath.Dir(h.path), ".history") // with mode 0600
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, strings.Join(append(h.lines[:len(h.lines):len(h.lines)], ""), "\n"))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), h.path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Len returns the number of lines.
func (h *history) Len() int { return len(h.lines) }

// At returns a line; 0 is the newest.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }
