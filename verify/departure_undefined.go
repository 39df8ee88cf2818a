package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// reasons counts inputs by why the program is undefined on them.
type reasons map[string]int

// reason is the message of an error, less what is different on each input.
func (s *subject) reason(u *interp.Undefined) string {
	n := s.graph.Node(u.Node)
	switch u.Err.Kind {
	case value.TypeError:
		return "a sequence of strings and numbers mixed"
	case value.ValueError:
		if n.Table != nil && n.Table.Dict {
			return "a key that is not in the dict"
		}
		return "an index that is not in the list"
	}
	switch n.Op {
	case sop.Aggregate:
		if _, what, ok := strings.Cut(u.Err.Msg, " positions are selected, and "); ok {
			return what
		}
	case sop.Tokens:
		return "a token that is no number"
	}
	return u.Err.Msg
}

func (r reasons) total() int {
	n := 0
	for _, count := range r {
		n += count
	}
	return n
}

func (r reasons) add(o reasons) {
	for why, count := range o {
		r[why] += count
	}
}

// String lists the reasons in brackets, the most frequent first; "" for none.
func (r reasons) String() string {
	if len(r) == 0 {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(r), func(a, b string) int { return cmp.Or(cmp.Compare(r[b], r[a]), cmp.Compare(a, b)) })
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%d: %s", r[name], name)
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
