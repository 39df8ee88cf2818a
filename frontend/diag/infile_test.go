package diag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestInFile renders a diagnostic about a file whose text is not shown.
func TestInFile(t *testing.T) {
	list := List{New(FileTruncated, InFile("out/model.onnx"), "the file is truncated").WithHelp("copy it again")}
	var text, lines strings.Builder
	if err := WriteText(&text, list, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := WriteJSON(&lines, list, 0); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("error[E1201]: the file is truncated\n --> out/model.onnx\n  = help: copy it again\n", text.String()); d != "" {
		t.Errorf("the text differs (-want +got):\n%s", d)
	}
	want := `{"code":"E1201","severity":"error","message":"the file is truncated","file":"out/model.onnx","line":0,"column":0,` +
		`"notes":[],"help":"copy it again","class":"always"}` + "\n"
	if d := cmp.Diff(want, lines.String()); d != "" {
		t.Errorf("the JSON differs (-want +got):\n%s", d)
	}
	if got := list.Error(); got != "out/model.onnx: error[E1201]: the file is truncated" {
		t.Errorf("the error is %q", got)
	}
	if s := InFile("f"); s.Text() != "" || s.Pos() != s.EndPos() || s.String() != "f" {
		t.Errorf("got %q at %v", s.Text(), s.Pos())
	}
}
