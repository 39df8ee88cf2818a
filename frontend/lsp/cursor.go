package lsp

import "strings"

// surroundings says what kind of text a cursor stands in.
type surroundings uint8

const (
	inCode surroundings = iota
	inComment
	inPragma
	inString
	inNumber
)

// cursor is what the text before a place tells about it. Unlike the syntax tree
// it works in the middle of a statement.
type cursor struct {
	in surroundings
	// word is the beginning of a name that ends at the cursor.
	word string
	// line is the pragma that the cursor stands in, behind its `#:`.
	line string
	// path is the text of a string so far, where that names a file to load.
	path    string
	loading bool
	// calls are the open parentheses of calls, innermost last.
	calls []openCall
	// locals are the names that open function bodies bind.
	locals []string
}

// openCall is a call whose arguments are being written.
type openCall struct {
	name     string
	argument int // from 0
}

// cursorAt reads a text up to an offset.
func cursorAt(text string, offset int) cursor {
	r := &reader{text: text[:offset], fresh: true}
	for r.pos < len(r.text) {
		r.next()
	}
	return r.finish()
}

// reader goes through a text, and keeps what is open.
type reader struct {
	text string
	pos  int
	// fresh is true while no token of the current line has been seen.
	fresh bool
	// last is the token before the current one.
	last     string
	brackets []bracket
	// header is a function's header that is being read.
	header []string
	inHead bool
	// inFor is set between `for` and `in`.
	inFor  bool
	result cursor
}

// bracket is an open bracket.
type bracket struct {
	char byte
	call openCall
	// locals are the names of the function whose body it opens; nil for others.
	locals []string
	isDef  bool
}

func (r *reader) next() {
	r.result = cursor{}
	switch c := r.text[r.pos]; {
	case c == '\n' || c == '\r':
		r.fresh = true
		r.pos++
	case c == ' ' || c == '\t':
		r.pos++
	case c == '#':
		r.comment()
	case c == '"':
		r.str()
	case isWordByte(c):
		r.word()
	default:
		r.punctuation(c)
	}
}

// upTo reads to one of some characters and reports whether it is there.
func (r *reader) upTo(chars string) (string, bool) {
	rest := r.text[r.pos:]
	n := strings.IndexAny(rest, chars)
	if n < 0 {
		r.pos = len(r.text)
		return rest, false
	}
	r.pos += n
	return rest[:n], true
}

func (r *reader) comment() {
	text, ended := r.upTo("\r\n")
	if ended {
		return
	}
	r.result.in = inComment
	if line, ok := strings.CutPrefix(text, "#:"); ok && r.fresh {
		r.result.in, r.result.line = inPragma, line
		r.result.word = wordBefore(line)
	}
}

func (r *reader) str() {
	r.pos++
	text, ended := r.upTo("\"\r\n")
	if ended {
		if r.text[r.pos] == '"' {
			r.pos++
		}
		r.token("\"")
		return
	}
	r.result.in = inString
	r.result.path, r.result.loading = text, r.last == "load"
}

func (r *reader) word() {
	start := r.pos
	for r.pos < len(r.text) && isWordByte(r.text[r.pos]) {
		r.pos++
	}
	word := r.text[start:r.pos]
	if r.pos == len(r.text) {
		r.result.word = word
		if word[0] <= '9' {
			r.result.in = inNumber
		}
	}
	if r.inHead && r.last != "def" {
		r.header = append(r.header, word)
	}
	if word == "def" {
		r.inHead, r.header = true, []string{}
	}
	switch {
	case word == "for" || word == "in":
		r.inFor = word == "for"
	case r.inFor:
		r.bind(word)
	}
	r.token(word)
}

func (r *reader) punctuation(c byte) {
	r.pos++
	switch c {
	case '(', '[', '{':
		r.openBracket(c)
	case ')', ']', '}':
		if len(r.brackets) > 0 {
			r.brackets = r.brackets[:len(r.brackets)-1]
		}
	case ',':
		if n := len(r.brackets); n > 0 {
			r.brackets[n-1].call.argument++
		}
	case ';':
		r.inHead, r.inFor = false, false
		for n := len(r.brackets); n > 0 && r.brackets[n-1].char != '{'; n-- {
			r.brackets = r.brackets[:n-1] // what was left open
		}
	case '=':
		if isName(r.last) && !strings.HasPrefix(r.text[r.pos:], "=") {
			r.bind(r.last)
		}
	}
	r.token(string(c))
}

func (r *reader) openBracket(c byte) {
	b := bracket{char: c}
	switch {
	case c == '(' && isName(r.last) && !r.inHead:
		b.call.name = r.last
	case c == '{' && r.inHead:
		b.isDef, b.locals = true, r.header
		r.inHead = false
	}
	r.brackets = append(r.brackets, b)
}

// bind adds a name to the innermost function body; the file's own names are
// known from the tree.
func (r *reader) bind(name string) {
	for i := len(r.brackets) - 1; i >= 0; i-- {
		if r.brackets[i].isDef {
			r.brackets[i].locals = append(r.brackets[i].locals, name)
			return
		}
	}
}

func (r *reader) token(text string) {
	r.last, r.fresh = text, false
}

func (r *reader) finish() cursor {
	for _, b := range r.brackets {
		if b.char == '(' {
			r.result.calls = append(r.result.calls, b.call)
		}
		r.result.locals = append(r.result.locals, b.locals...)
	}
	return r.result
}

// wordBefore returns the beginning of a name that ends a text.
func wordBefore(text string) string {
	i := len(text)
	for i > 0 && isWordByte(text[i-1]) {
		i--
	}
	return text[i:]
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isName reports whether a token can be a name or a word such as `select`.
func isName(token string) bool {
	return token != "" && isWordByte(token[0]) && token[0] > '9'
}
