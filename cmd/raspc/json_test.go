package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// keys checks that the object at a path has exactly the given keys, in each
// line of a file of JSON lines. In a path such as .files.0 a number indexes an
// array; the path . is the line itself.
//
//	keys FILE PATH KEY …
func keys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: keys FILE PATH KEY …")
	}
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile(args[0]), "\n"), "\n")
	for i, line := range lines {
		got, err := keysAt([]byte(line), args[1])
		if err != nil {
			ts.Fatalf("line %d: %v", i+1, err)
		}
		if want := slices.Sorted(slices.Values(args[2:])); !slices.Equal(got, want) {
			ts.Fatalf("line %d: %s has the keys %q, not %q", i+1, args[1], got, want)
		}
	}
}

// keysAt returns the sorted keys of the object at a path.
func keysAt(text []byte, path string) ([]string, error) {
	var at any
	if err := json.Unmarshal(text, &at); err != nil {
		return nil, err
	}
	for _, step := range strings.Split(path, ".") {
		if step == "" {
			continue
		}
		switch x := at.(type) {
		case map[string]any:
			at = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				return nil, fmt.Errorf("no element %s", step)
			}
			at = x[i]
		default:
			return nil, fmt.Errorf("%s of %v", step, at)
		}
	}
	object, ok := at.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is %v, not an object", path, at)
	}
	var all []string
	for key := range object {
		all = append(all, key)
	}
	slices.Sort(all)
	return all, nil
}
