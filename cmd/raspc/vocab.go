package main

import (
	"strings"
	"unicode"
)

// vocabText turns what --vocab was given into the text of the vocab pragma.
// That text is taken as it is. Two plain forms, which are no pragma texts and
// which a shell does not unquote, stand for it:
//
//	a,b,c   the tokens "a", "b", "c"; likewise 1,2,3 and True,False
//	abc     the characters "a", "b", "c"; likewise ()[]
//
// Whatever could be read in two ways, such as 12 or True or "a, (", is handed
// on as it is, for the pragma's own error.
func vocabText(text string) string {
	items := strings.Split(text, ",")
	switch {
	case isPragmaText(text):
		return text
	case len(items) > 1:
		return vocabList(text, items)
	case isAtom(text), strings.ContainsAny(text, " \t\r\n\"'"):
		return text
	}
	return quoted(text)
}

// vocabList writes plain items as a list: words in quotes, numbers as they are.
func vocabList(text string, items []string) string {
	for i, item := range items {
		item = strings.TrimSpace(item)
		switch {
		case isAtom(item):
			items[i] = item
		case isWord(item):
			items[i] = quoted(item)
		default:
			return text
		}
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// quoted writes a RASP string, which has no escapes.
func quoted(text string) string { return `"` + text + `"` }

// isPragmaText reports whether a text begins as a list or a string, or has the
// dots of a range.
func isPragmaText(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || strings.ContainsAny(text[:1], "[\"'") || strings.Contains(text, "..")
}

// isAtom reports whether a text is a number or a boolean of RASP.
func isAtom(text string) bool {
	const digits = "0123456789"
	left := strings.Trim(strings.TrimPrefix(text, "-"), digits)
	return strings.ContainsAny(text, digits) && (left == "" || left == ".") || text == "True" || text == "False"
}

func isWord(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
