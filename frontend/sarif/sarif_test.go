package sarif_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/sarif"
	"github.com/raspc/raspc/internal/version"
)

func TestWrite(t *testing.T) {
	run := sarif.NewRun("check", true)
	rule := sarif.Rule{ID: "E1", ShortDescription: sarif.Message{Text: "a < b"}, Default: sarif.Configuration{Level: sarif.Error}}
	other := rule
	other.ID = "E2"
	run.Add(rule, sarif.Result{Level: sarif.Error, Message: sarif.Message{Text: "first"}})
	run.Add(other, sarif.Result{Level: sarif.Note, Message: sarif.Message{Text: "second"}})
	run.Add(rule, sarif.Result{Level: sarif.Error, Message: sarif.Message{Text: "third"}})
	var b strings.Builder
	if err := run.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `{
  "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "raspc",
          "version": "` + version.Version + `",
          "semanticVersion": "` + version.Version + `",
          "rules": [
            {
              "id": "E1",
              "shortDescription": {
                "text": "a < b"
              },
              "defaultConfiguration": {
                "level": "error"
              }
            },
            {
              "id": "E2",
              "shortDescription": {
                "text": "a < b"
              },
              "defaultConfiguration": {
                "level": "error"
              }
            }
          ]
        }
      },
      "automationDetails": {
        "id": "raspc check/"
      },
      "invocations": [
        {
          "executionSuccessful": true
        }
      ],
      "columnKind": "unicodeCodePoints",
      "results": [
        {
          "ruleId": "E1",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "first"
          }
        },
        {
          "ruleId": "E2",
          "ruleIndex": 1,
          "level": "note",
          "message": {
            "text": "second"
          }
        },
        {
          "ruleId": "E1",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "third"
          }
        }
      ]
    }
  ]
}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestEmpty keeps the arrays that the standard wants even without elements.
func TestEmpty(t *testing.T) {
	var b strings.Builder
	if err := sarif.NewRun("check", false).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"results": []`, `"rules": []`, `"executionSuccessful": false`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
}

func TestFile(t *testing.T) {
	for name, want := range map[string]string{
		"a.rasp": "a.rasp", "./dir/../a.rasp": "a.rasp", "../a b.rasp": "../a%20b.rasp", "é#?.rasp": "%C3%A9%23%3F.rasp",
		"C:a.rasp": "./C:a.rasp", "100%.rasp": "100%25.rasp", "a\xff.rasp": "a%FF.rasp", "/tmp/a.rasp": "file:///tmp/a.rasp",
	} {
		got := sarif.File(name).URI
		if got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
		if _, err := url.Parse(got); err != nil {
			t.Error(err)
		}
	}
}

type full struct{}

var errFull = errors.New("no room")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriterFails(t *testing.T) {
	if err := sarif.NewRun("check", true).Write(full{}); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}
