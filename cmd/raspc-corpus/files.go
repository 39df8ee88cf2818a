package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// programs are the files that arguments stand for, each once, in the order of their names: paths below
// the root, which is the deepest folder that has all arguments. So their names do not depend on how the
// arguments spell them.
func programs(args []string) (root string, files []string, err error) {
	for i, arg := range args {
		path, err := filepath.Abs(arg)
		if err != nil {
			return "", nil, err
		}
		found, isFolder, err := below(path)
		if err != nil {
			return "", nil, err
		}
		folder := path
		if !isFolder {
			folder = filepath.Dir(path)
		}
		if i == 0 {
			root = folder
		}
		root = common(root, folder)
		files = append(files, found...)
	}
	for i, path := range files {
		if path, err = filepath.Rel(root, path); err != nil {
			return "", nil, err
		}
		files[i] = filepath.ToSlash(path)
	}
	slices.Sort(files)
	return root, slices.Compact(files), nil
}

// common is the deepest folder that has both of two.
func common(a, b string) string {
	for {
		rel, err := filepath.Rel(a, b)
		up := filepath.Dir(a)
		if up == a || err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return a
		}
		a = up
	}
}

// below are the .rasp files below a path, in all of its folders, where it is one, else the file itself.
func below(path string) (files []string, isFolder bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, false, err
	}
	if !info.IsDir() {
		return []string{path}, false, regular(path)
	}
	// With a separator behind it a link to a folder is followed, as it was named.
	err = filepath.WalkDir(path+string(filepath.Separator), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".rasp") {
			return err
		}
		files = append(files, filepath.Clean(path))
		return regular(path)
	})
	return files, true, err
}

// regular says that a file is none that can be read to its end; links count as what they lead to.
func regular(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() {
		return err
	}
	return usageError{errors.New(path + " is no regular file")}
}
