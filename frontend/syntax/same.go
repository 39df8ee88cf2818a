package syntax

import "reflect"

// Same reports whether two files hold the same statements, whatever their
// layout: parentheses, positions, comments and pragmas do not count.
func Same(f, g *File) bool {
	if len(f.Stmts) != len(g.Stmts) {
		return false
	}
	for i, s := range f.Stmts {
		if !reflect.DeepEqual(stmtTree(s), stmtTree(g.Stmts[i])) {
			return false
		}
	}
	return true
}
