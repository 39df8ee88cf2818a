package syntax

// kind tells tokens apart. Tokens that RASP glues to their parenthesis, such as
// `select(`, are kinds of their own.
type kind uint8

const (
	tokEOF kind = iota
	// tokNone is what a failed statement sees instead of its remaining tokens.
	tokNone
	// tokBad is text that the scanner has complained of already.
	tokBad
	tokName
	tokInt
	tokFloat
	tokString

	tokPlus
	tokMinus
	tokStar
	tokSlash
	tokPercent
	tokCaret
	tokEq
	tokNe
	tokLe
	tokGe
	tokLt
	tokGt
	tokAssign
	tokLParen
	tokRParen
	tokLBrack
	tokRBrack
	tokLBrace
	tokRBrace
	tokComma
	tokSemi
	tokColon
	// tokDots is the `..` of a range; pragmas only.
	tokDots

	// Keywords from here to tokElse.
	tokSet
	tokSOp
	tokSelector
	tokExample
	tokShow
	tokOn
	tokOff
	tokExamples
	tokExit
	tokQuit
	tokLoad
	tokDraw
	tokDef
	tokFor
	tokIn
	tokReturn
	tokNot
	tokRound
	tokIndicator
	tokAnd
	tokOr
	tokIf
	tokElse

	// Glued tokens.
	tokAggregate
	tokSelect
	tokRange
	tokZip
	tokLen
	tokExitCall
	tokQuitCall
	tokFullSeq
)

// spellings holds the fixed text of each kind that has one.
var spellings = map[kind]string{
	tokPlus: "+", tokMinus: "-", tokStar: "*", tokSlash: "/", tokPercent: "%", tokCaret: "^",
	tokEq: "==", tokNe: "!=", tokLe: "<=", tokGe: ">=", tokLt: "<", tokGt: ">", tokAssign: "=",
	tokLParen: "(", tokRParen: ")", tokLBrack: "[", tokRBrack: "]", tokLBrace: "{", tokRBrace: "}",
	tokComma: ",", tokSemi: ";", tokColon: ":", tokDots: "..",
	tokSet: "set", tokSOp: "s-op", tokSelector: "selector", tokExample: "example", tokShow: "show",
	tokOn: "on", tokOff: "off", tokExamples: "examples", tokExit: "exit", tokQuit: "quit",
	tokLoad: "load", tokDraw: "draw", tokDef: "def", tokFor: "for", tokIn: "in", tokReturn: "return",
	tokNot: "not", tokRound: "round", tokIndicator: "indicator", tokAnd: "and", tokOr: "or",
	tokIf: "if", tokElse: "else",
	tokAggregate: "aggregate(", tokSelect: "select(", tokRange: "range(", tokZip: "zip(", tokLen: "len(",
	tokExitCall: "exit()", tokQuitCall: "quit()", tokFullSeq: "full seq display",
}

// keywords maps the words that can never be names. `s-op` and the glued tokens
// are recognised by the scanner itself.
var keywords = func() map[string]kind {
	words := make(map[string]kind)
	for k := tokSet; k <= tokElse; k++ {
		if k != tokSOp {
			words[spellings[k]] = k
		}
	}
	return words
}()

// glued maps a word to its kind when `(` follows at once.
var glued = map[string]kind{
	"aggregate": tokAggregate, "select": tokSelect, "range": tokRange, "zip": tokZip, "len": tokLen,
}

// Glues reports whether a parenthesis directly behind a name would make another
// token of both, as in `range(`: a call of what has such a name needs a blank.
func Glues(name string) bool {
	_, ok := glued[name]
	return ok
}

// closes reports whether k is a closing bracket or the end of a statement.
func (k kind) closes() bool {
	return k == tokRParen || k == tokRBrack || k == tokRBrace || k == tokSemi
}

func (k kind) isKeyword() bool { return k >= tokSet && k <= tokElse }

// token is a piece of the source, [start, end) in bytes.
type token struct {
	kind       kind
	start, end int
	// fresh is set on the first token of a line.
	fresh bool
	// comments says that a comment which follows code on its line stands between the
	// token before and this one; it is the span of the first such comment.
	commentStart, commentEnd int
}

func (t token) afterComment() bool { return t.commentEnd > t.commentStart }

// Keyword reports whether a word can never be a name.
func Keyword(word string) bool {
	_, ok := keywords[word]
	return ok
}
