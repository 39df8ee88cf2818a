package diag

import (
	"cmp"
	"slices"
)

// Code is the stable name of a kind of problem, such as "E0401". The letter
// says the usual severity (E error, W warning), the first two digits the group:
// 01 characters, 02 syntax, 03 pragmas, 04 names, 05 types, 06 values, 07 load,
// 08 arithmetic and other host errors, 09 limits, 10 compilation, 12 model files,
// 13 programs from elsewhere.
type Code string

// Kind is the coarse class of a code, in the words of the reference
// implementation's own error classes.
type Kind string

// The kinds. PragmaError, LimitError, CompileError, FileError and ImportError have no
// counterpart in the reference implementation, which knows neither pragmas nor
// limits nor compilation.
const (
	LexError          Kind = "lex_error"
	ParseError        Kind = "parse_error"
	PragmaError       Kind = "pragma_error"
	UndefinedVariable Kind = "undefined_variable"
	ReservedName      Kind = "reserved_name"
	ArgsError         Kind = "args_error"
	TypeError         Kind = "type_error"
	ValueError        Kind = "value_error"
	LoadError         Kind = "load_error"
	NotImplemented    Kind = "not_implemented"
	RuntimeError      Kind = "runtime_error"
	LimitError        Kind = "limit_error"
	CompileError      Kind = "compile_error"
	FileError         Kind = "file_error"
	ImportError       Kind = "import_error"
	Advice            Kind = "advice"
)

// Info is what the table says about a code.
type Info struct {
	Code  Code
	Kind  Kind
	Title string
	// Example is a program that gets a diagnostic with this code; empty where
	// such a program would be too large to print, and where none gets it.
	Example string
}

// Codes returns the table of all codes, ascending.
func Codes() []Info { return slices.Clone(table) }

// Lookup finds a code in the table.
func Lookup(c Code) (Info, bool) {
	i, found := slices.BinarySearchFunc(table, c, func(e Info, c Code) int { return cmp.Compare(e.Code, c) })
	if !found {
		return Info{}, false
	}
	return table[i], true
}

// Kind returns the kind of c; the empty Kind for a code outside the table.
func (c Code) Kind() Kind {
	info, _ := Lookup(c)
	return info.Kind
}

// severity is told by the letter so that it cannot contradict the code.
func (c Code) severity() Severity {
	if len(c) > 0 && c[0] == 'W' {
		return Warning
	}
	return Error
}

// Characters and tokens.
const (
	BadCharacter     Code = "E0101"
	UnclosedString   Code = "E0102"
	BadNumber        Code = "E0103"
	NotUTF8          Code = "E0104"
	SourceTooLarge   Code = "E0105"
	MissingSemicolon Code = "E0201"
	UnexpectedToken  Code = "E0202"
	ExpectedExpr     Code = "E0203"
	UnclosedBracket  Code = "E0204"
	MisplacedComment Code = "E0205"
	BadReturn        Code = "E0206"
	ConsoleInBody    Code = "E0207"
	StraySemicolon   Code = "E0208"
	KeywordAsName    Code = "E0209"
	NotInLanguage    Code = "E0210"
	NestingTooDeep   Code = "E0211"
	TrailingComma    Code = "E0212"
	EmptyBody        Code = "E0213"
	BadSelectOp      Code = "E0214"
	WrongOperands    Code = "E0215"
)

// Pragmas.
const (
	UnknownPragma    Code = "E0301"
	MalformedPragma  Code = "E0302"
	RepeatedPragma   Code = "E0303"
	BadPragmaValue   Code = "E0304"
	RepeatedToken    Code = "E0305"
	BadMaxLen        Code = "E0306"
	UnknownTarget    Code = "E0307"
	TokenKindClash   Code = "E0308"
	BadInputsPattern Code = "E0309"
	NoInputs         Code = "E0310"
)

// Names and calls.
const (
	Undefined    Code = "E0401"
	Reserved     Code = "E0402"
	WrongArity   Code = "E0403"
	NotCallable  Code = "E0404"
	RepeatedName Code = "E0405"
)

// Types.
const (
	SelectorOperand   Code = "E0501"
	MixedSelector     Code = "E0502"
	IndicatorOperand  Code = "E0503"
	NotASelector      Code = "E0504"
	DefaultNotAtom    Code = "E0505"
	SelectOperand     Code = "E0506"
	BuiltinOperand    Code = "E0507"
	NotIterable       Code = "E0508"
	UnpackCount       Code = "E0509"
	DictKey           Code = "E0510"
	IndexType         Code = "E0511"
	InOperand         Code = "E0512"
	ApplicationInput  Code = "E0513"
	SequenceElement   Code = "E0514"
	DrawOperand       Code = "E0515"
	ExampleOperand    Code = "E0516"
	MixedSequence     Code = "E0517"
	ApplicationResult Code = "E0518"
	OutputNotSOp      Code = "E0519"
)

// Values.
const (
	IndexRange Code = "E0601"
	MissingKey Code = "E0602"
	IndexValue Code = "E0603"
)

// Load.
const (
	LoadFailed   Code = "E0701"
	CircularLoad Code = "E0702"
)

// Arithmetic and other errors of the reference implementation's host language.
const (
	OperandTypes   Code = "E0801"
	DivisionByZero Code = "E0802"
	InexactPower   Code = "E0803"
	NothingToSplit Code = "E0804"
	FormatString   Code = "E0805"
	MeanOfNonNums  Code = "E0806"
	TokenParse     Code = "E0807"
)

// Limits.
const (
	RecursionLimit Code = "E0901"
	StepLimit      Code = "E0902"
	SizeLimit      Code = "E0903"
	GraphLimit     Code = "E0904"
)

// Compilation: what a program lacks to become a model.
const (
	MissingDomain    Code = "E1001"
	NoOutput         Code = "E1002"
	OutputIsSelector Code = "E1003"
	UndefinedInput   Code = "E1004"
	SetTooLarge      Code = "E1005"
	CannotLower      Code = "E1006"
)

// Model files: what keeps an exported folder from being run.
const (
	FileTruncated   Code = "E1201"
	FileMalformed   Code = "E1202"
	FileRepeats     Code = "E1203"
	FileOverlaps    Code = "E1204"
	FileBounds      Code = "E1205"
	FileOutside     Code = "E1206"
	FileTooLarge    Code = "E1207"
	FileNotFinite   Code = "E1208"
	FileShape       Code = "E1209"
	FileType        Code = "E1210"
	FileMissing     Code = "E1211"
	FileUnexpected  Code = "E1212"
	FileGraph       Code = "E1213"
	FileUnsupported Code = "E1214"
	FilePorts       Code = "E1215"
	FileSetting     Code = "E1216"
	FileDisagrees   Code = "E1217"
	FileVersion     Code = "E1218"
	FileFails       Code = "E1219"
)

// Programs from elsewhere: what keeps a file of Tracr's from being read.
const (
	ImportMalformed Code = "E1301"
	ImportVersion   Code = "E1302"
	ImportShape     Code = "E1303"
	ImportNode      Code = "E1304"
	ImportTable     Code = "E1305"
	ImportTooLarge  Code = "E1306"
	ImportDomain    Code = "E1307"
	ImportPartial   Code = "E1308"
	NoRASPText      Code = "E1309"
)

// Warnings.
const (
	NotEqualExtension Code = "W0101"
	PragmaAfterCode   Code = "W0102"
	NotBindsTight     Code = "W0201"
	MixedAndOr        Code = "W0202"
	ChainedComparison Code = "W0203"
	NotIn             Code = "W0204"
	ChainedCond       Code = "W0205"
	InBindsLoosely    Code = "W0206"
	ShadowsLibrary    Code = "W0301"
	ConsoleOnly       Code = "W0302"
	ListNeverEqual    Code = "W0303"
	UndefinedMean     Code = "W0401"
	NoDefault         Code = "W0402"
	LargeMean         Code = "W0403"
)
