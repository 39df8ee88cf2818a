package strictjson

import (
	"encoding/json"
	"strings"
	"testing"
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

// FuzzCheck holds that whatever Check accepts is JSON that survives a round
// trip through encoding/json.
func FuzzCheck(f *testing.F) {
	for _, text := range []string{`{"a":[1,{"b":null}]}`, `"\ud83d\ude00"`, `{"a":1,"a":2}`, `[`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if Check(text) != nil {
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
