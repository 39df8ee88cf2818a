package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/raspc/raspc/verify"
)

// MaxWeights is how many weights that are not 0 a page holds. Of a larger model it
// shows the program and the sizes.
const MaxWeights = 400_000

// maxData is the size in bytes up to which the data of a page are written.
const maxData = 32 << 20

// TooLargeError says that a page would be too large for a browser.
type TooLargeError struct{ Bytes int }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the page would hold %d MB of data; at most %d are written", e.Bytes>>20, maxData>>20)
}

//go:embed page.html page.css *.mjs
var files embed.FS

var layout = template.Must(template.ParseFS(files, "page.html"))

// modules are the parts of the script, each behind those that it imports.
var modules = []string{"value.mjs", "text.mjs", "operators.mjs", "oracle.mjs", "input.mjs", "forward.mjs", "columns.mjs", "model.mjs", "dom.mjs", "heatmap.mjs", "sections.mjs", "main.mjs"}

// Write writes the page of a model. The same model gives the same bytes.
func Write(w io.Writer, v *verify.View) error {
	data, err := json.Marshal(dataOf(v))
	if err != nil {
		return err
	}
	if len(data) > maxData {
		return &TooLargeError{len(data)}
	}
	style, err := files.ReadFile("page.css")
	if err != nil {
		return err
	}
	script, err := script()
	if err != nil {
		return err
	}
	var page bytes.Buffer
	err = layout.Execute(&page, content{
		Policy: "default-src 'none'; base-uri 'none'; form-action 'none'; script-src " + hash(script) + "; style-src " + hash(string(style)),
		Title:  v.Manifest.Program.Name, Style: template.CSS(style), Script: template.JS(script), Data: template.JS(data), // JSON: no < is in it
		Origin: origin(v), Facts: facts(v), Domain: domain(v), Lines: source(v), Rotated: v.Manifest.Rotation != nil,
	})
	if err != nil {
		return err
	}
	_, err = w.Write(page.Bytes())
	return err
}

// content is what page.html shows.
type content struct {
	Policy, Title, Origin, Domain string
	Rotated                       bool
	Facts                         []fact
	Lines                         []line
	Style                         template.CSS
	Script, Data                  template.JS
}

// hash is how a content security policy names an inline script or style.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// script joins the modules to one script: imports name what stands above, and nothing is
// exported.
func script() (string, error) {
	var b strings.Builder
	b.WriteString("\"use strict\";\n")
	for _, name := range modules {
		text, err := files.ReadFile(name)
		if err != nil {
			return "", err
		}
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, "import ") {
				b.WriteString(strings.TrimPrefix(line, "export "))
			}
		}
	}
	return b.String(), nil
}
