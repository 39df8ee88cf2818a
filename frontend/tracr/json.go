package tracr

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/diag"
)

// Limits on files.
const (
	MaxFile    = 32 << 20 // bytes
	maxDepth   = 64       // of values inside one another
	maxMembers = 16       // of an object; those of a program have half as many
	maxValues  = 2 << 20  // of a file, which take some 250 MB
)

// form is what a JSON value is.
type form byte

const (
	object  form = '{'
	array   form = '['
	text    form = '"'
	number  form = '0'
	literal form = 't' // true, false or null
)

// element is a JSON value and its place. It knows what holds it, which gives its
// path.
type element struct {
	form       form
	start, end int    // bytes of the source
	text       string // of a string its content, of a number or literal its spelling
	keys       []string
	items      []*element // of an array, and of an object in the order of keys
	holder     *element
	at         int // which of the holder's items it is
}

// path spells the way to the element: "nodes[3].table[0]"; the whole file is "$".
func (e *element) path() string {
	if e.holder == nil {
		return "$"
	}
	above := e.holder.path()
	if e.holder.form == array {
		return fmt.Sprintf("%s[%d]", above, e.at)
	}
	return strings.TrimPrefix(above+".", "$.") + e.holder.keys[e.at]
}

// brief is the spelling of a number, unless it is long.
func (e *element) brief() string {
	const most = 24
	if len(e.text) > most {
		return e.text[:most] + "…"
	}
	return e.text
}

// member returns an object's value of a key, or nil.
func (e *element) member(key string) *element {
	for i, k := range e.keys {
		if k == key {
			return e.items[i]
		}
	}
	return nil
}

// parseJSON reads the text of a source. What encoding/json lets pass and other
// readers take differently is an error, too: repeated keys, text that is not UTF-8,
// halves of surrogate pairs.
func parseJSON(src *diag.Source) (*element, error) {
	s := src.Text()
	if len(s) > MaxFile {
		return nil, diag.New(diag.ImportTooLarge, diag.Span{Source: src}, "the file has more than %d bytes", MaxFile)
	}
	if !utf8.ValidString(s) {
		return nil, diag.New(diag.ImportMalformed, diag.Span{Source: src}, "the file is not UTF-8")
	}
	if mark := "\uFEFF"; strings.HasPrefix(s, mark) {
		return nil, diag.New(diag.ImportMalformed, diag.Span{Source: src, End: len(mark)}, "the file begins with a byte order mark (BOM), which JSON does not have").
			WithHelp("save it as UTF-8 without BOM")
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal([]byte(s), new(json.RawMessage)); errors.As(err, &syntax) {
		at := min(int(syntax.Offset), len(s))
		return nil, diag.New(diag.ImportMalformed, diag.Span{Source: src, Start: max(0, at-1), End: at}, "the file is not JSON: %v", err)
	} else if err != nil {
		return nil, diag.New(diag.ImportMalformed, diag.Span{Source: src}, "the file is not JSON: %v", err)
	}
	p := &jsonParser{src: src, s: s}
	return p.value(nil, 0, 0)
}

// jsonParser reads text that is known to be JSON.
type jsonParser struct {
	src    *diag.Source
	s      string
	pos    int
	values int // read so far
}

func (p *jsonParser) blanks() {
	for strings.IndexByte(" \t\r\n:,", p.s[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *jsonParser) value(holder *element, at, depth int) (*element, error) {
	p.blanks()
	e := &element{start: p.pos, holder: holder, at: at}
	var err error
	switch c := p.s[p.pos]; c {
	case '{', '[':
		e.form = form(c)
		err = p.items(e, depth+1)
	case '"':
		e.form = text
		e.text, err = p.string()
	default:
		for p.pos < len(p.s) && strings.IndexByte(" \t\r\n,]}", p.s[p.pos]) < 0 {
			p.pos++
		}
		e.form, e.text = number, p.s[e.start:p.pos]
		if c >= 'a' {
			e.form = literal
		}
	}
	e.end = p.pos
	return e, err
}

// items reads the values of an object or array, and its end.
func (p *jsonParser) items(e *element, depth int) error {
	if depth > maxDepth {
		return p.tooLarge("values inside one another, deeper than %d", maxDepth)
	}
	p.pos++
	for {
		p.blanks()
		start := p.pos
		if c := p.s[p.pos]; c == '}' || c == ']' {
			p.pos++
			return nil
		}
		if e.form == object {
			key, err := p.string()
			if err != nil {
				return err
			}
			if e.member(key) != nil {
				return diag.New(diag.ImportMalformed, diag.Span{Source: p.src, Start: start, End: p.pos}, "the member %q occurs twice", key)
			}
			if e.keys = append(e.keys, key); len(e.keys) > maxMembers {
				return p.tooLarge("an object of more than %d members", maxMembers)
			}
		}
		if p.values++; p.values > maxValues {
			return p.tooLarge("more than %d values", maxValues)
		}
		item, err := p.value(e, len(e.items), depth)
		if err != nil {
			return err
		}
		e.items = append(e.items, item)
	}
}

func (p *jsonParser) tooLarge(format string, most int) error {
	return diag.New(diag.ImportTooLarge, diag.Span{Source: p.src, Start: p.pos, End: p.pos + 1}, format, most)
}

func (p *jsonParser) string() (string, error) {
	start := p.pos
	for p.pos++; p.s[p.pos] != '"'; p.pos++ {
		if p.s[p.pos] == '\\' {
			p.pos++
		}
	}
	p.pos++
	raw := p.s[start:p.pos]
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	var s string
	err := json.Unmarshal([]byte(raw), &s)
	// Half a surrogate pair is read as U+FFFD.
	if err == nil && strings.Count(s, "\uFFFD") > strings.Count(raw, "\uFFFD")+strings.Count(strings.ToLower(raw), `\ufffd`) {
		err = errors.New("half a surrogate pair")
	}
	if err != nil {
		return "", diag.New(diag.ImportMalformed, diag.Span{Source: p.src, Start: start, End: p.pos}, "a string that is none: %v", err)
	}
	return s, nil
}
