package lsp

import (
	"net/url"
	"path/filepath"
	"strings"
)

// pathOf returns the file that a URI names; false for a document that is no
// file, such as a new one.
func pathOf(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return "", false
	}
	path := u.Path
	if isDrive(strings.TrimPrefix(path, "/")) {
		path = path[1:]
	}
	return filepath.Clean(filepath.FromSlash(path)), true
}

// uriOf is the URI of a file.
func uriOf(path string) string {
	path = filepath.ToSlash(path)
	if isDrive(path) {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// isDrive reports whether a path begins with the letter of a drive.
func isDrive(path string) bool {
	return len(path) >= 2 && path[1] == ':' && ('a' <= path[0]|0x20 && path[0]|0x20 <= 'z')
}

// nameOf is how diagnostics call a document.
func nameOf(uri string) string {
	if path, ok := pathOf(uri); ok {
		return path
	}
	return uri
}
