package manifest

import "bytes"

// widest is the most bytes of an object or array that stands on one line.
const widest = 200

// laidOut lays out compact JSON for people: what is short stands on one line,
// what is longer has one line for each member, indented by a blank more.
func laidOut(compact []byte) []byte {
	l := &layout{text: compact}
	l.value(0)
	return append(l.out.Bytes(), '\n')
}

// layout copies JSON from text, up to at, to out.
type layout struct {
	text []byte
	at   int
	out  bytes.Buffer
}

// value copies one value.
func (l *layout) value(depth int) {
	end, size := l.extent()
	if c := l.text[l.at]; c != '{' && c != '[' || size <= widest {
		l.line(end)
		return
	}
	l.out.WriteByte(l.text[l.at]) // the brackets are not empty: they would be short
	for l.at < end-1 {
		l.at++
		l.out.WriteByte('\n')
		for range depth + 1 {
			l.out.WriteByte(' ')
		}
		if l.text[l.at] == '"' {
			if key := l.stringEnd(); l.text[key] == ':' {
				l.line(key + 1)
				l.out.WriteByte(' ')
			}
		}
		l.value(depth + 1)
		if l.at < end-1 {
			l.out.WriteByte(',')
		}
	}
	l.out.WriteByte('\n')
	for range depth {
		l.out.WriteByte(' ')
	}
	l.out.WriteByte(l.text[l.at])
	l.at++
}

// extent returns where the value ends, and how long it is on one line.
func (l *layout) extent() (end, size int) {
	depth, i := 0, l.at
	for {
		switch l.text[i] {
		case '"':
			i = (&layout{text: l.text, at: i}).stringEnd() - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',', ':':
			if depth > 0 {
				size++ // a blank follows
			}
		}
		i++
		if depth == 0 && (i == len(l.text) || bytes.IndexByte([]byte(",]}"), l.text[i]) >= 0) {
			return i, size + i - l.at
		}
	}
}

// stringEnd returns where the string ends that begins here.
func (l *layout) stringEnd() int {
	for i := l.at + 1; ; i++ {
		switch l.text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// line copies text up to end, with a blank behind each comma and colon.
func (l *layout) line(end int) {
	for l.at < end {
		if l.text[l.at] == '"' {
			to := l.stringEnd()
			l.out.Write(l.text[l.at:to])
			l.at = to
			continue
		}
		c := l.text[l.at]
		l.out.WriteByte(c)
		if l.at++; (c == ',' || c == ':') && l.at < end {
			l.out.WriteByte(' ')
		}
	}
}
