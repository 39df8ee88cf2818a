package diag

import (
	"fmt"
	"strings"
)

// Plural gives "1 thing", "3 things" or "3 fixes", for messages that count.
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if strings.HasSuffix(thing, "x") {
		thing += "e"
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Either joins alternatives: "a", "a or b", "a, b or c".
func Either(words ...string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
