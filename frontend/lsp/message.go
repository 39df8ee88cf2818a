package lsp

import "encoding/json"

// The types of the protocol, as far as they are used here, by their names there
// except where those are Go's.

type (
	// position counts lines from 0, and columns in units of the encoding.
	position struct {
		Line      int `json:"line"`
		Character int `json:"character"`
	}

	textRange struct {
		Start position `json:"start"`
		End   position `json:"end"`
	}

	location struct {
		URI   string    `json:"uri"`
		Range textRange `json:"range"`
	}

	textEdit struct {
		Range   textRange `json:"range"`
		NewText string    `json:"newText"`
	}

	documentID struct {
		URI string `json:"uri"`
	}

	versionedID struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
	}

	markup struct {
		Kind  string `json:"kind"`
		Value string `json:"value"`
	}
)

// Parameters of requests and notifications.
type (
	documentParams struct {
		TextDocument documentID `json:"textDocument"`
	}

	positionParams struct {
		TextDocument documentID `json:"textDocument"`
		Position     position   `json:"position"`
	}

	referenceParams struct {
		positionParams
		Context struct {
			IncludeDeclaration bool `json:"includeDeclaration"`
		} `json:"context"`
	}

	completionParams struct {
		positionParams
		Context struct {
			TriggerCharacter string `json:"triggerCharacter"`
		} `json:"context"`
	}

	codeActionParams struct {
		TextDocument documentID `json:"textDocument"`
		Range        textRange  `json:"range"`
		Context      struct {
			Only []string `json:"only"`
		} `json:"context"`
	}

	openParams struct {
		TextDocument struct {
			versionedID
			Text string `json:"text"`
		} `json:"textDocument"`
	}

	changeParams struct {
		TextDocument   versionedID  `json:"textDocument"`
		ContentChanges []textChange `json:"contentChanges"`
	}

	// textChange replaces a range, or everything where there is none.
	textChange struct {
		Range *textRange `json:"range"`
		Text  string     `json:"text"`
	}

	cancelParams struct {
		ID json.RawMessage `json:"id"`
	}
)

// initializeParams are what a client says of itself.
type initializeParams struct {
	Capabilities struct {
		General struct {
			PositionEncodings []encoding `json:"positionEncodings"`
		} `json:"general"`
		Workspace struct {
			WorkspaceEdit struct {
				DocumentChanges bool `json:"documentChanges"`
			} `json:"workspaceEdit"`
		} `json:"workspace"`
		TextDocument struct {
			Hover struct {
				ContentFormat []string `json:"contentFormat"`
			} `json:"hover"`
			PublishDiagnostics struct {
				RelatedInformation bool `json:"relatedInformation"`
			} `json:"publishDiagnostics"`
		} `json:"textDocument"`
	} `json:"capabilities"`
}

type (
	initializeResult struct {
		Capabilities capabilities `json:"capabilities"`
		ServerInfo   serverInfo   `json:"serverInfo"`
	}

	serverInfo struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}

	capabilities struct {
		PositionEncoding           encoding          `json:"positionEncoding"`
		TextDocumentSync           syncOptions       `json:"textDocumentSync"`
		HoverProvider              bool              `json:"hoverProvider"`
		DefinitionProvider         bool              `json:"definitionProvider"`
		ReferencesProvider         bool              `json:"referencesProvider"`
		DocumentHighlightProvider  bool              `json:"documentHighlightProvider"`
		DocumentSymbolProvider     bool              `json:"documentSymbolProvider"`
		DocumentFormattingProvider bool              `json:"documentFormattingProvider"`
		CompletionProvider         triggers          `json:"completionProvider"`
		SignatureHelpProvider      triggers          `json:"signatureHelpProvider"`
		CodeActionProvider         codeActionOptions `json:"codeActionProvider"`
	}

	syncOptions struct {
		OpenClose bool     `json:"openClose"`
		Change    int      `json:"change"` // 2: incremental
		Save      struct{} `json:"save"`
	}

	triggers struct {
		TriggerCharacters []string `json:"triggerCharacters"`
	}

	codeActionOptions struct {
		CodeActionKinds []string `json:"codeActionKinds"`
	}
)

// Diagnostics and what is done about them.
type (
	diagnostic struct {
		Range              textRange       `json:"range"`
		Severity           int             `json:"severity"` // 1 error, 2 warning, 3 information
		Code               string          `json:"code,omitempty"`
		Source             string          `json:"source"`
		Message            string          `json:"message"`
		RelatedInformation []related       `json:"relatedInformation,omitempty"`
		Data               *diagnosticData `json:"data,omitempty"`
	}

	// diagnosticData is the command line that explains a code.
	diagnosticData struct {
		Explain string `json:"explain"`
	}

	related struct {
		Location location `json:"location"`
		Message  string   `json:"message"`
	}

	publishParams struct {
		URI         string       `json:"uri"`
		Version     *int         `json:"version,omitempty"`
		Diagnostics []diagnostic `json:"diagnostics"`
	}

	codeAction struct {
		Title       string        `json:"title"`
		Kind        string        `json:"kind"`
		Diagnostics []diagnostic  `json:"diagnostics,omitempty"`
		IsPreferred bool          `json:"isPreferred,omitempty"`
		Edit        workspaceEdit `json:"edit"`
	}

	// workspaceEdit has one of the two.
	workspaceEdit struct {
		Changes         map[string][]textEdit `json:"changes,omitempty"`
		DocumentChanges []documentEdit        `json:"documentChanges,omitempty"`
	}

	documentEdit struct {
		TextDocument versionedID `json:"textDocument"`
		Edits        []textEdit  `json:"edits"`
	}
)

// Answers.
type (
	hoverResult struct {
		Contents markup    `json:"contents"`
		Range    textRange `json:"range"`
	}

	highlight struct {
		Range textRange `json:"range"`
		Kind  int       `json:"kind"` // 2 read, 3 written
	}

	completionList struct {
		IsIncomplete bool             `json:"isIncomplete"`
		Items        []completionItem `json:"items"`
	}

	completionItem struct {
		Label         string    `json:"label"`
		Kind          int       `json:"kind"`
		Detail        string    `json:"detail,omitempty"`
		Documentation *markup   `json:"documentation,omitempty"`
		TextEdit      *textEdit `json:"textEdit"`
	}

	documentSymbol struct {
		Name           string           `json:"name"`
		Detail         string           `json:"detail,omitempty"`
		Kind           int              `json:"kind"`
		Range          textRange        `json:"range"`
		SelectionRange textRange        `json:"selectionRange"`
		Children       []documentSymbol `json:"children,omitempty"`
	}

	signatureHelp struct {
		Signatures      []signature `json:"signatures"`
		ActiveSignature int         `json:"activeSignature"`
		ActiveParameter int         `json:"activeParameter"`
	}

	signature struct {
		Label         string      `json:"label"`
		Documentation *markup     `json:"documentation,omitempty"`
		Parameters    []parameter `json:"parameters"`
	}

	parameter struct {
		Label string `json:"label"`
	}

	logParams struct {
		Type    int    `json:"type"` // 1 error
		Message string `json:"message"`
	}
)
