package tracr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
)

// What a file begins with.
const (
	Format  = "raspc-sop"
	Version = 1
)

// Limits on what a file describes.
const (
	maxNodes = 1 << 14
	maxCells = 1 << 20 // of one table or predicate
)

// file is the content of a .sop.json.
type file struct {
	vocab  []value.Value
	maxLen int
	causal bool
	output int
	nodes  []node
	root   *element
}

// node is an s-op or selector. Its arguments have smaller numbers.
type node struct {
	op       string
	args     []int
	name     string
	encoding string      // numerical, categorical or ""
	partial  bool        // tables leave out means that it may have
	value    value.Value // of constant; the default of aggregate
	factors  [2]value.Value
	rows     []row // of map and sequence_map
	cmp      string
	relation *relation // of select without cmp
	at       *element
}

// row is what a function gives for its arguments.
type row struct {
	args   [2]value.Value
	result value.Value
	err    string // what it raised instead
	at     *element
}

// operator says what its nodes have.
type operator struct {
	args     string   // s for an s-op, m for a selector
	selector bool     // it is one
	means    bool     // it may be partial
	needs    []string // its own members
}

var operators = map[string]operator{
	"tokens": {}, "indices": {}, "length": {},
	"constant":     {needs: []string{"value"}},
	"map":          {args: "s", needs: []string{"table"}},
	"sequence_map": {args: "ss", needs: []string{"table"}},
	"linear":       {args: "ss", means: true, needs: []string{"factors"}},
	"select":       {args: "ss", selector: true, needs: []string{"predicate"}},
	"and":          {args: "mm", selector: true},
	"or":           {args: "mm", selector: true},
	"not":          {args: "m", selector: true},
	"aggregate":    {args: "ms", means: true, needs: []string{"default"}},
	"width":        {args: "m"},
}

// reader turns JSON into a file. Its methods return a diag.Diagnostic as error.
type reader struct{ src *diag.Source }

func (r *reader) span(e *element) diag.Span {
	return diag.Span{Source: r.src, Start: e.start, End: e.end}
}

// errorf is an error at a place of the file, whose path it names.
func (r *reader) errorf(code diag.Code, e *element, format string, args ...any) error {
	return diag.New(code, r.span(e), "%s: %s", e.path(), fmt.Sprintf(format, args...))
}

// read reads a file.
func read(src *diag.Source) (*file, error) {
	root, err := parseJSON(src)
	if err != nil {
		return nil, err
	}
	r := &reader{src}
	if root.form != object || root.member("format") == nil || root.member("format").text != Format {
		return nil, r.errorf(diag.ImportVersion, root, "a program of Tracr's begins with {\"format\": %q", Format)
	}
	if v := root.member("version"); v == nil || v.form != number || v.text != strconv.Itoa(Version) {
		return nil, r.errorf(diag.ImportVersion, root, "the version of the format is not %d", Version)
	}
	if err := r.members(root, []string{"format", "version", "vocab", "max_len", "output", "nodes"}, []string{"causal", "about"}); err != nil {
		return nil, err
	}
	f := &file{root: root}
	for _, step := range []func(*file) error{r.domain, r.nodes, r.output} {
		if err := step(f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// members holds an object to the members that it must and may have.
func (r *reader) members(e *element, must, may []string) error {
	if e.form != object {
		return r.errorf(diag.ImportShape, e, "an object is wanted")
	}
	for _, key := range must {
		if e.member(key) == nil {
			return r.errorf(diag.ImportShape, e, "the member %q is missing", key)
		}
	}
	for i, key := range e.keys {
		if !slices.Contains(must, key) && !slices.Contains(may, key) {
			return r.errorf(diag.ImportShape, e.items[i], "no such member is known here")
		}
	}
	return nil
}

func (r *reader) domain(f *file) error {
	vocab, err := r.array(f.root.member("vocab"), 1, resolve.MaxVocab)
	if err != nil {
		return err
	}
	if f.vocab, err = r.distinct(vocab); err != nil {
		return err
	}
	for i, v := range f.vocab {
		if v.Kind() > value.KindFloat {
			return r.errorf(diag.ImportShape, vocab[i], "a token is a string or a number, not %s", v.Repr())
		}
	}
	if f.maxLen, err = r.integer(f.root.member("max_len"), 1, resolve.MaxMaxLen); err != nil {
		return err
	}
	if c := f.root.member("causal"); c != nil {
		f.causal, err = r.boolean(c)
	}
	return err
}

func (r *reader) output(f *file) error {
	var err error
	f.output, err = r.integer(f.root.member("output"), 0, len(f.nodes)-1)
	return err
}

func (r *reader) nodes(f *file) error {
	all, err := r.array(f.root.member("nodes"), 1, maxNodes)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, e := range all {
		n, err := r.node(e, f)
		if err != nil {
			return err
		}
		if n.name != "" && named[n.name] {
			return r.errorf(diag.ImportTable, e.member("name"), "another node has this name")
		}
		named[n.name] = true
		f.nodes = append(f.nodes, n)
	}
	return nil
}

func (r *reader) node(e *element, f *file) (node, error) {
	n := node{at: e}
	if e.form != object || e.member("op") == nil {
		return n, r.errorf(diag.ImportShape, e, "an object with the member \"op\" is wanted")
	}
	n.op = e.member("op").text
	op, ok := operators[n.op]
	if !ok {
		return n, r.errorf(diag.ImportShape, e.member("op"), "no such operator is known")
	}
	must := append([]string{"op"}, op.needs...)
	if op.args != "" {
		must = append(must, "args")
	}
	err := r.members(e, must, []string{"name", "encoding", "partial"})
	for _, step := range []func(*node, operator, *file) error{r.args, r.labels, r.payload} {
		if err == nil {
			err = step(&n, op, f)
		}
	}
	return n, err
}

// args reads the arguments, which stand before the node and are of the right class.
func (r *reader) args(n *node, op operator, f *file) error {
	if op.args == "" {
		return nil
	}
	items, err := r.array(n.at.member("args"), len(op.args), len(op.args))
	if err != nil {
		return err
	}
	for i, item := range items {
		a, err := r.integer(item, 0, len(f.nodes)-1)
		if err != nil {
			return r.errorf(diag.ImportNode, item, "the number of an earlier node is wanted, %s", r.notEarlier(item, len(f.nodes)))
		}
		if operators[f.nodes[a].op].selector != (op.args[i] == 'm') {
			return r.errorf(diag.ImportNode, item, "node %d is %s", a, map[bool]string{true: "a selector, not an s-op", false: "an s-op, not a selector"}[op.args[i] == 's'])
		}
		n.args = append(n.args, a)
	}
	return nil
}

// notEarlier says why an argument of the node with some number is none.
func (r *reader) notEarlier(item *element, node int) string {
	switch {
	case item.form != number:
		return "and this is no number"
	case item.text == strconv.Itoa(node):
		return "and " + item.text + " is this node's own"
	}
	return fmt.Sprintf("less than %d and not %s", node, item.brief())
}

func (r *reader) labels(n *node, op operator, _ *file) error {
	const longest = 200 // bytes of a name
	if e := n.at.member("name"); e != nil {
		if n.name = e.text; e.form != text || n.name == "" || len(n.name) > longest {
			return r.errorf(diag.ImportShape, e, "a name is a string of 1 to %d bytes", longest)
		}
		if strings.ContainsFunc(n.name, unfit) {
			return r.errorf(diag.ImportShape, e, "a name has no control characters, marks of direction or ends of lines")
		}
	}
	if e := n.at.member("encoding"); e != nil {
		if n.encoding = e.text; op.selector || n.encoding != "numerical" && n.encoding != "categorical" {
			return r.errorf(diag.ImportShape, e, "an s-op is encoded \"numerical\" or \"categorical\"")
		}
	}
	var err error
	if e := n.at.member("partial"); e != nil {
		if n.partial, err = r.boolean(e); err == nil && !op.means {
			err = r.errorf(diag.ImportShape, e, "only aggregate and linear have means that tables may leave out")
		}
	}
	return err
}

// unfit reports whether a character would disturb the terminals and files that names are
// written to.
func unfit(c rune) bool { return unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// payload reads what only some operators have.
func (r *reader) payload(n *node, op operator, _ *file) (err error) {
	if op.needs == nil {
		return nil
	}
	e := n.at.member(op.needs[0])
	switch op.needs[0] {
	case "value", "default":
		n.value, err = r.value(e)
	case "factors":
		err = r.factors(n, e)
	case "table":
		n.rows, err = r.table(e, len(n.args))
	case "predicate":
		if n.cmp = e.text; e.form != text {
			n.relation, err = r.relation(e)
		} else if _, ok := comparisons[n.cmp]; !ok {
			return r.errorf(diag.ImportShape, e, "no such comparison is known")
		}
	}
	return err
}

func (r *reader) factors(n *node, e *element) error {
	items, err := r.array(e, 2, 2)
	if err != nil {
		return err
	}
	for i, item := range items {
		if n.factors[i], err = r.value(item); err != nil {
			return err
		}
		if k := n.factors[i].Kind(); k != value.KindInt && k != value.KindFloat {
			return r.errorf(diag.ImportShape, item, "a factor is a number")
		}
	}
	return nil
}

// table reads the rows of a function of some arguments.
func (r *reader) table(e *element, arity int) ([]row, error) {
	items, err := r.array(e, 0, maxCells)
	if err != nil {
		return nil, err
	}
	rows := make([]row, len(items))
	seen := make(map[[2]value.Key]bool, len(items))
	for i, item := range items {
		cells, err := r.array(item, arity+1, arity+1)
		if err != nil {
			return nil, err
		}
		rows[i].at = item
		var key [2]value.Key
		for k := range arity {
			if rows[i].args[k], err = r.value(cells[k]); err != nil {
				return nil, err
			}
			key[k] = rows[i].args[k].Key()
		}
		if seen[key] {
			return nil, r.errorf(diag.ImportTable, item, "the table has these arguments before")
		}
		seen[key] = true
		if err := r.result(&rows[i], cells[arity]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// result reads what a function gives: a value, or {"error": "…"}.
func (r *reader) result(to *row, e *element) (err error) {
	if e.form == object && len(e.keys) == 1 && e.keys[0] == "error" {
		const longest = 500
		if to.err = e.items[0].text; e.items[0].form != text || to.err == "" || len(to.err) > longest {
			return r.errorf(diag.ImportShape, e.items[0], "an error is a string of 1 to %d bytes", longest)
		}
		return nil
	}
	to.result, err = r.value(e)
	return err
}

func (r *reader) array(e *element, least, most int) ([]*element, error) {
	switch {
	case e.form != array:
		return nil, r.errorf(diag.ImportShape, e, "an array is wanted")
	case len(e.items) > most && most > 3:
		return nil, r.errorf(diag.ImportTooLarge, e, "%d elements, of at most %d", len(e.items), most)
	case len(e.items) < least || len(e.items) > most:
		return nil, r.errorf(diag.ImportShape, e, "%s, not %d", diag.Plural(least, "element"), len(e.items))
	}
	return e.items, nil
}

func (r *reader) integer(e *element, least, most int) (int, error) {
	n, err := strconv.Atoi(e.text)
	switch {
	case e.form != number:
		return 0, r.errorf(diag.ImportShape, e, "an integer from %d to %d is wanted", least, most)
	case err != nil || n < least || n > most:
		return 0, r.errorf(diag.ImportShape, e, "an integer from %d to %d is wanted, not %s", least, most, e.brief())
	}
	return n, nil
}

func (r *reader) boolean(e *element) (bool, error) {
	if e.form != literal || e.text == "null" {
		return false, r.errorf(diag.ImportShape, e, "true or false is wanted")
	}
	return e.text == "true", nil
}

// distinct reads values of which no two are equal.
func (r *reader) distinct(items []*element) ([]value.Value, error) {
	seen := map[value.Key]bool{}
	all := make([]value.Value, len(items))
	for i, item := range items {
		v, err := r.value(item)
		if err != nil {
			return nil, err
		}
		if seen[v.Key()] {
			return nil, r.errorf(diag.ImportTable, item, "%s stands here before", v.Repr())
		}
		seen[v.Key()] = true
		all[i] = v
	}
	return all, nil
}

// value reads a value: null for None, {"float": "1/3"}, {"tuple": […]}, and JSON's
// own strings, booleans and integers.
func (r *reader) value(e *element) (value.Value, error) {
	switch {
	case e.form == text:
		return value.Str(e.text), nil
	case e.form == literal && e.text == "null":
		return value.None(), nil
	case e.form == literal:
		return value.Bool(e.text == "true"), nil
	case e.form == number:
		return r.number(e, e.text, value.KindInt)
	case e.form == object && len(e.keys) == 1 && e.keys[0] == "float" && e.items[0].form == text:
		return r.number(e, e.items[0].text, value.KindFloat)
	case e.form == object && len(e.keys) == 1 && e.keys[0] == "tuple" && e.items[0].form == array:
		elements := make([]value.Value, len(e.items[0].items))
		for i, item := range e.items[0].items {
			v, err := r.value(item)
			if err != nil {
				return v, err
			}
			elements[i] = v
		}
		return value.Tuple(elements), nil
	}
	return value.Value{}, r.errorf(diag.ImportShape, e, `a value is a string, an integer, true, false, null, {"float": "1/3"} or {"tuple": […]}`)
}

func (r *reader) number(e *element, spelled string, kind value.Kind) (value.Value, error) {
	const longest = 4096 // digits
	x, ok := value.ParseRat(spelled)
	if !ok || len(spelled) > longest || strings.HasPrefix(spelled, "+") || kind == value.KindInt && (!x.IsInt() || strings.ContainsAny(spelled, "./")) {
		return value.Value{}, r.errorf(diag.ImportShape, e, "an exact number is wanted: 3, {\"float\": \"1/3\"}")
	}
	return value.Number(kind, x), nil
}

// ParseValue reads a value that stands by itself, as files spell it.
func ParseValue(spelled string) (value.Value, error) {
	src := diag.NewSource("<value>", spelled)
	e, err := parseJSON(src)
	if err != nil {
		return value.Value{}, err
	}
	return (&reader{src}).value(e)
}
