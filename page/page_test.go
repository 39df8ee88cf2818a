package page_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/page"
	"github.com/raspc/raspc/verify"
	"github.com/raspc/raspc/verify/network"
)

const sorting = `# Sorts.
#: tokens = int
#: vocab = 0..3
#: max_len = 4
set example [3, 1, 2]
def before(x) { return select(x, x, <); }
rank = selector_width(before(tokens_int) or (select(tokens_int, tokens_int, ==) and before(indices)));
got = aggregate(select(rank, indices, ==), tokens_int);
got = got + 1; # again
`

func compile(t testing.TB, name, text string) *raspc.Model {
	t.Helper()
	m, err := raspc.Compile(name, text, raspc.Options{Check: true})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func written(t testing.TB, p *raspc.WebPage, err error) string {
	t.Helper()
	var b bytes.Buffer
	if err == nil {
		err = p.Write(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func pageOf(t testing.TB, name, text string) string {
	t.Helper()
	p, err := compile(t, name, text).WebPage()
	return written(t, p, err)
}

// part returns what stands once between two texts of a page.
func part(t testing.TB, page, from, to string) string {
	t.Helper()
	before, rest, ok := strings.Cut(page, from)
	inner, _, closed := strings.Cut(rest, to)
	if !ok || !closed || strings.Contains(rest, from) || strings.Contains(before, from) {
		t.Fatalf("%q does not stand once in the page", from)
	}
	return inner
}

func dataOf(t testing.TB, page string) map[string]any {
	t.Helper()
	var data map[string]any
	if err := json.Unmarshal([]byte(part(t, page, `id="data">`, "</script>")), &data); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestFolderShowsItsWeights: the page of a folder has the same data as that of the
// program, and says where they come from.
func TestFolderShowsItsWeights(t *testing.T) {
	m := compile(t, "sorting.rasp", sorting)
	dir := t.TempDir()
	if _, err := m.Export(dir, raspc.ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := m.WebPage()
	own := written(t, p, err)
	p, err = raspc.OpenWebPage(dir, "")
	onnx := written(t, p, err)
	if part(t, own, `id="data">`, "</script>") != part(t, onnx, `id="data">`, "</script>") {
		t.Error("the weights of the file are not those that were compiled")
	}
	p, err = raspc.OpenWebPage(dir, raspc.FormatSafetensors)
	bert := written(t, p, err)
	for page, want := range map[string]string{
		own:  "The weights are those that raspc " + raspc.Version + " compiles the program to.",
		onnx: "The weights were read back from model.onnx.", bert: "The weights were read back from model.safetensors, of the architecture bert.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if p, err = raspc.OpenWebPage(dir, raspc.FormatTransformerLens); !errors.As(err, new(*raspc.ChoiceError)) {
		t.Errorf("%v, error %v", p, err)
	}
	if again := pageOf(t, "sorting.rasp", sorting); again != own {
		t.Error("a second page is another")
	}
}

// TestNothingIsLoaded: the policy forbids everything but the page's own script and style,
// whose hashes fit, and nothing asks for more.
func TestNothingIsLoaded(t *testing.T) {
	p := pageOf(t, "sorting.rasp", sorting)
	policy := html.UnescapeString(part(t, p, `<meta http-equiv="Content-Security-Policy" content="`, `"`))
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := "default-src 'none'; base-uri 'none'; form-action 'none'; script-src " + hash(part(t, p, `<script type="module">`, "</script>")) +
		"; style-src " + hash(part(t, p, "<style>", "</style>"))
	if policy != want {
		t.Errorf("the policy is\n%s\nwant\n%s", policy, want)
	}
	p = strings.ReplaceAll(p, "http://www.w3.org/2000/svg", "") // a name
	if found := regexp.MustCompile(`(?i)https?:|\bsrc=|url\(|@import|<link|<iframe|\bimport\b|fetch\(|innerHTML|\sstyle="|\son[a-z]+="`).FindString(part(t, p, "<!doctype", "</html>")); found != "" {
		t.Errorf("the page has %q", found)
	}
}

// TestTextIsNoMarkup writes what could end a script or begin an element everywhere where
// strangers write.
func TestTextIsNoMarkup(t *testing.T) {
	const evil = `</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>'` + "\u2028&amp;]]>{{.}}"
	text := "# " + evil + "\n#: vocab = [\"a\", \"" + evil + "\"]\n" +
		"#: max_len = 3\nx = aggregate(select(indices, 0, ==), tokens);\n"
	p := pageOf(t, "<img src=x>.rasp", text)
	for tag, want := range map[string]int{"<script": 2, "</script": 2, "<!--": 0, "<img": 0, "<style": 1} {
		if n := strings.Count(strings.ToLower(p), tag); n != want {
			t.Errorf("%q stands %d times in the page, want %d", tag, n, want)
		}
	}
	vocab := dataOf(t, p)["vocab"].([]any)
	if vocab[1] != "s"+evil {
		t.Errorf("the token is %q", vocab[1])
	}
	if title := html.UnescapeString(part(t, p, "<h1>", "</h1>")); title != "<img src=x>.rasp" {
		t.Errorf("the title is %q", title)
	}

	dir := t.TempDir()
	if _, err := compile(t, "sorting.rasp", sorting).Export(dir, raspc.ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	man, err := manifest.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	man.Program.Name, man.Heads[0].Selector, man.Heads[0].SOp, man.Neurons[0].Role, man.Columns[0].Variable = evil, evil, evil, evil, evil
	man.Heads = append(man.Heads, manifest.Head{Layer: 99}, manifest.Head{Layer: -1}, manifest.Head{Index: 99})
	man.Neurons = append(man.Neurons, manifest.Neuron{Layer: 1 << 30}, manifest.Neuron{Index: -1})
	man.Columns = append(man.Columns, manifest.Column{Index: 1 << 30}, manifest.Column{Index: -1})
	var b bytes.Buffer
	if err := man.Encode(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, manifest.FileName), b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	opened, err := raspc.OpenWebPage(dir, "")
	p = written(t, opened, err)
	if n := strings.Count(p, "<script"); n != 2 {
		t.Errorf("the page has %d scripts", n)
	}
	data := dataOf(t, p)
	for part, added := range map[string]int{"heads": 3, "neurons": 2, "columns": 2} {
		listed := map[string]int{"heads": len(man.Heads), "neurons": len(man.Neurons), "columns": len(man.Columns)}[part]
		if n := len(data[part].([]any)); n != listed-added {
			t.Errorf("%d of %d %s are those of the network", n, listed, part)
		}
	}
}

// TestSource: names lead to what they stand for at their place.
func TestSource(t *testing.T) {
	p := pageOf(t, "sorting.rasp", sorting)
	code := part(t, p, `<ol class="code">`, "</ol>")
	name := regexp.MustCompile(`<button type="button" data-id="(\d+)">([^<]*)</button>`)
	var found []string
	ids := map[string][]string{}
	for _, m := range name.FindAllStringSubmatch(code, -1) {
		found = append(found, m[2])
		ids[m[2]] = append(ids[m[2]], m[1])
	}
	want := strings.Fields("rank tokens_int tokens_int tokens_int indices got rank indices tokens_int got got")
	if !slices.Equal(found, want) {
		t.Errorf("the names are\n%v, want\n%v", found, want)
	}
	if got := ids["got"]; got[0] == got[1] || got[0] != got[2] {
		t.Errorf("got is node %v, though it is assigned again", got)
	}
	for _, text := range []string{`<span class="comment"># Sorts.</span>`, `<span class="comment"># again</span>`, `<span class="comment">#: max_len = 4</span>`} {
		if !strings.Contains(code, text) {
			t.Errorf("%s is not in the source", text)
		}
	}
	plain := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(strings.ReplaceAll(code, "</li>", ""), ""))
	if got := strings.TrimPrefix(plain, "\n"); got != sorting {
		t.Errorf("the source is\n%s", got)
	}
}

// TestLineEnds: a page of a program with other line ends shows the same lines.
func TestLineEnds(t *testing.T) {
	code := func(text string) string {
		return part(t, pageOf(t, "sorting.rasp", text), `<ol class="code">`, "</ol>")
	}
	if got, want := code(strings.ReplaceAll(sorting, "\n", "\r\n")), code(sorting); got != want {
		t.Errorf("with carriage returns the source is\n%s\nwant\n%s", got, want)
	}
}

// TestExample: the page begins with the program's running example, or with an input that
// the program is meant for.
func TestExample(t *testing.T) {
	for text, want := range map[string]string{
		sorting: "i3 i1 i2",
		"#: vocab = \"ab\"\n#: max_len = 3\n#: inputs = \"ba+\"\nx = tokens;\n":                          "sb sa sa",
		"#: vocab = \"ab\"\n#: max_len = 2\nset example \"aba\"\nx = tokens;\n":                          "",
		"#: vocab = \"ab\"\n#: max_len = 4\nset example \"abc\"\nx = tokens;\n":                          "",
		"#: vocab = \"ab\"\n#: max_len = 4\nset example [\"b\", \"b\"]\nx = tokens;\n":                   "sb sb",
		"#: tokens = float\n#: vocab = [0.5, 2.0]\n#: max_len = 3\nset example [2]\nx = tokens_float;\n": "f2",
	} {
		var got []string
		for _, v := range dataOf(t, pageOf(t, "x.rasp", text))["example"].([]any) {
			got = append(got, v.(string))
		}
		if joined := strings.Join(got, " "); len(got) == 0 || want != "" && joined != want {
			t.Errorf("the example of\n%s\nis %q, want %q", text, joined, want)
		}
	}
}

// large has a unit for the unembedding of each weight.
func large(t *testing.T, weights int) *verify.View {
	t.Helper()
	dir := t.TempDir()
	if _, err := compile(t, "sorting.rasp", sorting).Export(dir, raspc.ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	v, err := verify.OpenView(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	column := make([]network.Weight, weights)
	for i := range column {
		column[i].W = 1
	}
	v.Network.Unembed.Columns[0] = column
	return v
}

// TestLargeModel: the page of a large model has the program, and no weights.
func TestLargeModel(t *testing.T) {
	for weights, held := range map[int]bool{10: true, page.MaxWeights: false} {
		var b bytes.Buffer
		if err := page.Write(&b, large(t, weights)); err != nil {
			t.Fatal(err)
		}
		data := dataOf(t, b.String())
		if (data["network"] != nil) != held || (data["heads"] != nil) != held || len(data["nodes"].([]any)) == 0 {
			t.Errorf("%d weights: the network is held: %v", weights, data["network"] != nil)
		}
	}
	v := large(t, 1)
	v.Manifest.Columns = append(v.Manifest.Columns, manifest.Column{Value: strings.Repeat("x", 33<<20)})
	err := page.Write(&bytes.Buffer{}, v)
	if tooLarge := (*page.TooLargeError)(nil); !errors.As(err, &tooLarge) || tooLarge.Bytes <= 33<<20 {
		t.Errorf("a page of 33 MB: %v", err)
	}
}
