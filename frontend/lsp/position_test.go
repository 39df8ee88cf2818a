package lsp

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
)

func TestPositions(t *testing.T) {
	const text = "a = \"é😀ß\";\r\nb;\r\nc\rd\n\n\"😀"
	tests := []struct {
		before      string // the text up to the place
		utf16, utf8 position
	}{
		{"", position{0, 0}, position{0, 0}},
		{"a = \"", position{0, 5}, position{0, 5}},
		{"a = \"é", position{0, 6}, position{0, 7}},
		{"a = \"é😀", position{0, 8}, position{0, 11}},
		{"a = \"é😀ß\";", position{0, 11}, position{0, 15}},
		{"a = \"é😀ß\";\r\n", position{1, 0}, position{1, 0}},
		{"a = \"é😀ß\";\r\nb;\r\nc", position{2, 1}, position{2, 1}},
		{"a = \"é😀ß\";\r\nb;\r\nc\r", position{3, 0}, position{3, 0}},
		{"a = \"é😀ß\";\r\nb;\r\nc\rd\n", position{4, 0}, position{4, 0}},
		{text, position{5, 3}, position{5, 5}},
	}
	src := diag.NewSource("f", text)
	for _, tt := range tests {
		for e, want := range map[encoding]position{utf16Units: tt.utf16, utf8Bytes: tt.utf8} {
			if got := e.position(src, len(tt.before)); got != want {
				t.Errorf("%s: behind %q is %v, not %v", e, tt.before, got, want)
			}
			if got := e.offset(src, want); got != len(tt.before) {
				t.Errorf("%s: %v is %d, not %d", e, want, got, len(tt.before))
			}
		}
	}
}

// TestPositionsAreClamped gives places that are none.
func TestPositionsAreClamped(t *testing.T) {
	src := diag.NewSource("f", "😀a\r\nb")
	for p, want := range map[position]int{
		{0, 1}: 0, {0, 2}: 4, {0, 9}: 5, {0, -1}: 0, {-1, 5}: 0, {1, 7}: 8, {2, 0}: 8, {1 << 62, 1 << 62}: 8,
		{int(^uint(0) >> 1), 0}: 8,
	} {
		if got := utf16Units.offset(src, p); got != want {
			t.Errorf("%v is %d, not %d", p, got, want)
		}
	}
	for offset, want := range map[int]position{-3: {0, 0}, 2: {0, 0}, 4: {0, 2}, 99: {1, 1}} {
		if got := utf16Units.position(src, offset); got != want {
			t.Errorf("%d is %v, not %v", offset, got, want)
		}
	}
}

func FuzzPosition(f *testing.F) {
	f.Add("a = \"é😀ß\";\r\nb;\r\nc\rd\n\n\"😀", 3, 1, 2)
	f.Add("\xff\xf0\x9f\x98", 1, 0, 1)
	f.Fuzz(func(t *testing.T, text string, offset, line, column int) {
		src := diag.NewSource("f", text)
		for _, e := range []encoding{utf16Units, utf8Bytes} {
			p := e.position(src, offset)
			back := e.offset(src, p)
			inside := max(0, min(offset, len(text))) - back
			if inside < 0 || inside > 3 {
				t.Fatalf("%s %q: %d is %v, and that is %d", e, text, offset, p, back)
			}
			if e.position(src, back) != p {
				t.Fatalf("%s %q: %v is not where %d is", e, text, p, back)
			}
			if n := e.offset(src, position{line, column}); n < 0 || n > len(text) {
				t.Fatalf("%s %q: %d:%d is %d", e, text, line, column, n)
			}
			if before := text[:back]; utf8.ValidString(text) && e == utf16Units {
				own := before[strings.LastIndexAny(before, "\r\n")+1:]
				if p.Character != len(utf16.Encode([]rune(own))) {
					t.Fatalf("%q: %d has the column %d", text, back, p.Character)
				}
			}
		}
	})
}

// TestChanges makes random changes, and compares with an editor that keeps
// lines of UTF-16.
func TestChanges(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"a", "é", "😀", "\n", "\r\n", "\r", ";", "bc", ""})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(pieces).Draw(t, "text"), "")
		for range rapid.IntRange(1, 5).Draw(t, "changes") {
			// Both places are between characters.
			cuts := strings.Split(text, "")
			start := rapid.IntRange(0, len(cuts)).Draw(t, "start")
			end := rapid.IntRange(start, len(cuts)).Draw(t, "end")
			before, after := strings.Join(cuts[:start], ""), strings.Join(cuts[end:], "")
			if strings.HasSuffix(before, "\r") && strings.HasPrefix(text[len(before):], "\n") ||
				strings.HasSuffix(text[:len(text)-len(after)], "\r") && strings.HasPrefix(after, "\n") {
				continue // no position is inside of a line's end
			}
			c := textChange{&textRange{inUTF16(before), inUTF16(text[:len(text)-len(after)])}, pieces.Draw(t, "new")}
			text = changed(diag.NewSource("f", text), c, utf16Units)
			if want := before + c.Text + after; text != want {
				t.Fatalf("%v gives %q, not %q", c.Range, text, want)
			}
		}
	})
}

// inUTF16 is the position behind a text.
func inUTF16(text string) position {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	return position{len(lines) - 1, len(utf16.Encode([]rune(lines[len(lines)-1])))}
}

func TestURIs(t *testing.T) {
	for uri, want := range map[string]string{
		"file:///a/b.rasp": "/a/b.rasp", "file:///a%20b/%C3%A9%23.rasp": "/a b/é#.rasp", "file:///c%3A/x.rasp": "c:/x.rasp",
		"file:///C:/x.rasp": "C:/x.rasp", "file:///a/../b.rasp": "/b.rasp", "untitled:Untitled-1": "", "file://": "", "%": "",
	} {
		path, ok := pathOf(uri)
		if path != want || ok != (want != "") {
			t.Errorf("%s is %q, %t", uri, path, ok)
		}
		if again, _ := pathOf(uriOf(path)); ok && again != path {
			t.Errorf("%q is %s, which is %q", path, uriOf(path), again)
		}
	}
}
