package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/raspc/raspc/verify/fault"
)

func TestCheck(t *testing.T) {
	for _, text := range []string{
		`{}`, ` [1, -2.5e3, "a", null, true] `, `"x"`, `{"a":{"a":1},"b":[{"a":1},{"a":2}]}`,
		`"\ud83d\ude00 \\ud800 \u00e9"`, `"日本"`, `"\\\\ud800"`,
	} {
		if err := Check([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		``:                            "not JSON",
		`{`:                           "not JSON",
		`[1 2]`:                       "not JSON",
		`{"a":1}{`:                    "not JSON",
		`{"a":1} x`:                   "not JSON",
		"\"\xff\"":                    "UTF-8",
		`{"a":1,"a":2}`:               "repeated",
		`{"a":1,"\u0061":2}`:          "repeated",
		`[{"b":{"c":1,"d":2,"c":3}}]`: "repeated",
		`"\ud83d"`:                    "surrogate",
		`"\ude00\ud83d"`:              "surrogate",
		`"\ud83dx\ude00"`:             "surrogate",
		`"\ud83d\\ude00"`:             "surrogate",
		`"\ud83d\ud83d"`:              "surrogate",
		`{"\ud800":1}`:                "surrogate",
		strings.Repeat("[", 100) + "1" + strings.Repeat("]", 100): "deeper",
	} {
		if err := Check([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: error is %v, want %q", text, err, want)
		}
	}
}

func TestObject(t *testing.T) {
	members, err := Object([]byte(`{"a": 1, "b": [2]}`))
	if err != nil || len(members) != 2 || string(members["b"]) != "[2]" {
		t.Errorf("%v, %v", members, err)
	}
	for _, text := range []string{`null`, `[]`, `1`, `{"a":1,"a":1}`} {
		if _, err := Object([]byte(text)); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func kindOf(err error) fault.Kind {
	var e *fault.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Kind
}

// repeats reads a value by encoding/json's tokens, and reports whether a key is repeated
// in it.
func repeats(dec *json.Decoder) bool {
	tok, _ := dec.Token()
	seen := map[any]bool{}
	for (tok == json.Delim('{') || tok == json.Delim('[')) && dec.More() {
		if tok == json.Delim('{') {
			key, _ := dec.Token()
			if seen[key] {
				return true
			}
			seen[key] = true
		}
		if repeats(dec) {
			return true
		}
	}
	if tok == json.Delim('{') || tok == json.Delim('[') {
		_, _ = dec.Token()
	}
	return false
}

// FuzzCheck holds that whatever Check accepts is JSON that survives a round
// trip through encoding/json.
func FuzzCheck(f *testing.F) {
	for _, text := range []string{`{"a":[1,{"b":null}]}`, `"\ud83d\ude00"`, `{"a":1,"a":2}`, `[`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := Check(text)
		if utf8.Valid(text) && json.Valid(text) {
			repeated := repeats(json.NewDecoder(bytes.NewReader(text)))
			if kind := kindOf(err); repeated != (kind == fault.Repeated) && kind != fault.TooLarge {
				t.Fatalf("%q: %v, and that a key is repeated is %v", text, err, repeated)
			}
		}
		if err != nil {
			return
		}
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			if strings.Contains(err.Error(), "cannot unmarshal number") {
				return // a number out of float64's range is JSON all the same
			}
			t.Fatalf("accepted %q: %v", text, err)
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(again); err != nil {
			t.Fatalf("%q was accepted, %q is not: %v", text, again, err)
		}
	})
}

// TestDecode takes keys letter by letter, wherever they stand.
func TestDecode(t *testing.T) {
	type inner struct {
		Name string `json:"name"`
		More []int  `json:"more,omitempty"`
	}
	type outer struct {
		One  *inner           `json:"one"`
		List []inner          `json:"list"`
		ByID map[string]inner `json:"by_id"`
		Free map[string]int   `json:"free"`
		Bare int
		raw  int
	}
	_ = outer{}.raw
	for text, key := range map[string]string{
		`{"one":{"name":"x","more":[1]},"list":[{"name":"y"}],"by_id":{"Name":{"name":"z"}},"free":{"ONE":1},"Bare":2,"raw":3}`: "",
		`{"one":null,"list":null,"other":{"Name":1}}`: "",
		`{"One":{}}`:                          "One",
		`{"one":{"NAME":"x"}}`:                "NAME",
		`{"one":{"name":"x","Name":"y"}}`:     "Name",
		`{"list":[{"name":"x"},{"naMe":1}]}`:  "type",
		`{"list":[{"name":"x"},{"naMe":""}]}`: "naMe",
		`{"by_id":{"a":{"nam\u0045":""}}}`:    "namE",
		`{"li\u017ft":[]}`:                    "li\u017ft",
		`{"bare":2}`:                          "bare",
	} {
		var v outer
		err := Decode([]byte(text), &v)
		switch {
		case key == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case key == "type":
			if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != fault.WrongType {
				t.Errorf("%s: %v", text, err)
			}
		case key != "":
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Kind != fault.Unexpected || !strings.Contains(err.Error(), strconv.Quote(key)) {
				t.Errorf("%s: %v, want an error about %s", text, err, key)
			}
		}
	}
}
