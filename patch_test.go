package raspc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
)

// A program is run as if an s-op had another value at a position.
func ExampleProgram_Run_patched() {
	p, err := raspc.Parse("hist.rasp", histogram+"twice = hist * 2;", raspc.Options{})
	if err != nil {
		log.Fatal(err)
	}
	input := []value.Value{value.Str("a"), value.Str("b"), value.Str("a")}
	for _, v := range []int64{3, 7} {
		out, err := p.Run(input, raspc.Patch{SOp: "hist", Position: 1, Value: value.IntOf(v)})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(out, out.Intervention.Domain)
		if out.Intervention.Broken != nil {
			fmt.Println(out.Intervention.Broken)
		}
	}
	// Output:
	// [4, 6, 4] (ints) inside
	// [4, 14, 4] (ints) outside
	// hist at position 1: its value is one of 1, 2, 3, 4, 5
}

func TestParsePatch(t *testing.T) {
	for text, want := range map[string]string{
		"x@0=1":         "x@0=1 int",
		"mul#5@12=-0.5": "mul#5@12=-0.5 float",
		"x@*=1/3":       "x@*=0.3333333333333333 float",
		"x@0=True":      "x@0=True bool",
		"x@0=true":      "x@0=True bool",
		`x@0="a=b@c"`:   "x@0='a=b@c' string",
		"x@0='a'":       "x@0='a' string",
		"x@0=a":         "x@0='a' string",
		"x@0=1 2":       "x@0='1 2' string",
		"x@0=":          "x@0='' string",
		"x@0=[1]":       "x@0='[1]' string",
		"x":             "! \"x\" is no patch",
		"x@1":           "! \"x@1\" is no patch",
		"x=1@2":         "! \"x=1@2\" is no patch",
		"@1=2":          "! \"@1=2\" is no patch",
		"x@-1=2":        "! \"-1\" is no position",
		"x@first=2":     "! \"first\" is no position",
	} {
		p, err := raspc.ParsePatch(text)
		got := fmt.Sprintf("%s %s", p, p.Value.Kind())
		if err != nil {
			got = "! " + err.Error()
			if !errors.As(err, new(*raspc.PatchError)) {
				t.Errorf("%s: the error is a %T", text, err)
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// TestPatchJSON reads what is written.
func TestPatchJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := raspc.Patch{
			SOp: rapid.SampledFrom([]string{"x", "mul#5"}).Draw(t, "sop"), Position: rapid.IntRange(raspc.Everywhere, 9).Draw(t, "position"),
			Value: soptest.Input(1).Filter(func(in []value.Value) bool { return utf8.ValidString(in[0].Text()) }).Draw(t, "value")[0],
		}
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got raspc.Patch
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		again, err := json.Marshal(got) // floats that are whole become ints, which are equal
		if err != nil || string(again) != string(data) || got.SOp != want.SOp || got.Position != want.Position {
			t.Fatalf("%s became %s", data, again)
		}
	})
}

func TestParseJSONCase(t *testing.T) {
	for text, want := range map[string]string{
		`[1, "a"]`:        "[1 'a'] []",
		`"ab"`:            "['a' 'b'] []",
		`{"input": "ab"}`: "['a' 'b'] []",
		`{"input": [1], "patches": [{"sop": "x", "position": "*", "value": true}]}`: "[1] [x@*=True]",
		`{"input": [1], "patches": [{"sop": "x", "position": -1, "value": true}]}`:  "!",
		`{"input": [1], "patches": [{"sop": "x", "position": 1.5, "value": 1}]}`:    "!",
		`{"input": [1], "patches": [{"sop": "x", "position": 1}]}`:                  "!",
		`{"input": [1], "patches": [{"sop": "x", "position": 1, "value": {}}]}`:     "!",
		`{"input": [1], "patch": []}`:                                               "!",
		`{"patches": []}`:                                                           "!",
		`{`:                                                                         "!",
	} {
		input, patches, err := raspc.ParseJSONCase([]byte(text))
		words := make([]string, len(input))
		for i, v := range input {
			words[i] = v.Repr()
		}
		got := fmt.Sprintf("[%s] %v", strings.Join(words, " "), patches)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s (%v)", text, got, want, err)
		}
	}
}
