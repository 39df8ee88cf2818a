package syntax

// Children returns the expressions directly inside e, in the order in which
// they are written.
func Children(e Expr) []Expr {
	switch e := e.(type) {
	case *Paren:
		return []Expr{e.X}
	case *List:
		return e.Items
	case *Dict:
		out := make([]Expr, 0, 2*len(e.Entries))
		for _, entry := range e.Entries {
			out = append(out, entry.Key, entry.Value)
		}
		return out
	case *ListComp:
		return []Expr{e.Item, e.Iter}
	case *DictComp:
		return []Expr{e.Entry.Key, e.Entry.Value, e.Iter}
	case *Unary:
		return []Expr{e.X}
	case *Binary:
		return []Expr{e.X, e.Y}
	case *Cond:
		return []Expr{e.Then, e.Test, e.Else}
	case *Index:
		return []Expr{e.X, e.At}
	case *Call:
		return append([]Expr{e.Fun}, e.Args...)
	case *Select:
		return []Expr{e.Key, e.Query}
	case *Aggregate:
		if e.Default == nil {
			return []Expr{e.Selector, e.Value}
		}
		return []Expr{e.Selector, e.Value, e.Default}
	case *Builtin:
		return e.Args
	}
	return nil
}

// Inspect calls visit on e and everything inside it, outermost first. The tree
// may be as high as MaxHeight.
func Inspect(e Expr, visit func(Expr)) {
	visit(e)
	for _, c := range Children(e) {
		Inspect(c, visit)
	}
}

// heightWithin reports whether the tree is at most limit high. It keeps its own
// stack because the tree may be higher than recursion should go.
func heightWithin(e Expr, limit int) bool {
	type item struct {
		e      Expr
		height int
	}
	stack := []item{{e, 1}}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if top.height > limit {
			return false
		}
		for _, c := range Children(top.e) {
			stack = append(stack, item{c, top.height + 1})
		}
	}
	return true
}
