package syntax

import "github.com/raspc/raspc/frontend/diag"

// File is a parsed source.
type File struct {
	Source   *diag.Source
	Stmts    []Stmt
	Pragmas  []*Pragma
	Comments []Comment
	// Incomplete says that the first thing wrong is that the text ends too early:
	// a console then asks for another line.
	Incomplete bool
}

// Comment is a comment that is not a pragma.
type Comment struct {
	pos
	// OwnLine is false where code stands before it on its line.
	OwnLine bool
}

// Stmt is a statement: one of the pointer types of this file.
type Stmt interface {
	Node
	stmt()
}

// Scope says which of the console's two examples or displays is meant.
type Scope uint8

// The scopes.
const (
	BothScopes Scope = iota
	SOpScope
	SelectorScope
)

// String gives "both", "s-op" or "selector".
func (s Scope) String() string { return [...]string{"both", "s-op", "selector"}[s] }

type (
	// ExprStmt is X;
	ExprStmt struct {
		pos
		X Expr
	}

	// Assign is Names = Values; several values form a list, several names unpack.
	Assign struct {
		pos
		Names  []*Ident
		Values []Expr
	}

	// Def is def Name(Params) { Body return Results; }
	Def struct {
		pos
		Name    *Ident
		Params  []*Ident
		Body    []Stmt
		Results []Expr
	}

	// For is for Names in Iter { Body }
	For struct {
		pos
		Names []*Ident
		Iter  Expr
		Body  []Stmt
	}

	// Load is load "path";
	Load struct {
		pos
		Path *String
	}

	// Draw is draw(X); or draw(X, Input);
	Draw struct {
		pos
		X     Expr
		Input Expr // nil where none is given
	}

	// SetExample is set example X.
	SetExample struct {
		pos
		Scope Scope
		X     Expr
	}

	// ShowExample is show example.
	ShowExample struct {
		pos
		Scope Scope
	}

	// Examples is examples on or examples off.
	Examples struct {
		pos
		Scope Scope
		On    bool
	}

	// FullSeq is full seq display on or off.
	FullSeq struct {
		pos
		On bool
	}

	// Exit is exit, exit(), quit or quit().
	Exit struct {
		pos
	}
)

func (*ExprStmt) stmt()    {}
func (*Assign) stmt()      {}
func (*Def) stmt()         {}
func (*For) stmt()         {}
func (*Load) stmt()        {}
func (*Draw) stmt()        {}
func (*SetExample) stmt()  {}
func (*ShowExample) stmt() {}
func (*Examples) stmt()    {}
func (*FullSeq) stmt()     {}
func (*Exit) stmt()        {}
