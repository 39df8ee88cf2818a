package tracr

import (
	"strings"

	"github.com/raspc/raspc/frontend/value"
)

// absentOne says why there is no value for one argument of a function, or predicate.
func (n *node) absentOne(arg int) func(value.Value) string {
	raised := map[value.Key]string{}
	for _, r := range n.rows {
		if key := r.args[arg].Key(); r.err != "" && raised[key] == "" {
			raised[key] = n.undefined(r)
		}
	}
	return func(x value.Value) string {
		if said := raised[x.Key()]; said != "" {
			return said
		}
		return n.missing(x)
	}
}

// absentPair says why there is no value for the number of a pair: see numbered.
func (n *node) absentPair(xs, ys []value.Value) func(value.Value) string {
	raised := map[[2]value.Key]string{}
	for _, r := range n.rows {
		if r.err != "" {
			raised[[2]value.Key{r.args[0].Key(), r.args[1].Key()}] = n.undefined(r)
		}
	}
	return func(number value.Value) string {
		place, _ := number.Rat().Int64()
		x, y := xs[place/int64(len(ys))], ys[place%int64(len(ys))]
		if said := raised[[2]value.Key{x.Key(), y.Key()}]; said != "" {
			return said
		}
		return n.missing(x, y)
	}
}

// undefined says what the file says of arguments for which a function raised an error.
func (n *node) undefined(r row) string {
	what := "the function"
	if n.name != "" {
		what = "`" + n.name + "`"
	}
	return what + " is undefined for " + listed(r.args[:len(n.args)]) + ": " + r.err
}

// missing says that no row is for some arguments.
func (n *node) missing(args ...value.Value) string {
	what := "the table"
	if n.relation != nil {
		what = "the predicate"
	}
	if n.name != "" {
		what += " of `" + n.name + "`"
	}
	return what + " has no value for " + listed(args)
}

func listed(args []value.Value) string {
	spelled := make([]string, len(args))
	for i, a := range args {
		spelled[i] = a.Repr()
	}
	return strings.Join(spelled, " and ")
}
