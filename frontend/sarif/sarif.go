// Package sarif writes logs in the Static Analysis Results Interchange Format,
// which build servers and editors read: OASIS Standard, SARIF 2.1.0. It has the
// objects of the standard that raspc fills, under the standard's names.
package sarif

import (
	"encoding/json"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/raspc/raspc/internal/version"
)

// The numbers that a log begins with.
const (
	formatVersion = "2.1.0"
	schema        = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

// Log is a whole file.
type Log struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []Run  `json:"runs"`
}

// Run is what one command found.
type Run struct {
	Tool              Tool              `json:"tool"`
	AutomationDetails AutomationDetails `json:"automationDetails"`
	Invocations       []Invocation      `json:"invocations"`
	// ColumnKind says what columns count.
	ColumnKind string   `json:"columnKind"`
	Results    []Result `json:"results"`
}

// Tool is what found the results.
type Tool struct {
	Driver Driver `json:"driver"`
}

// Driver is raspc.
type Driver struct {
	Name            string `json:"name"`
	Version         string `json:"version"`
	SemanticVersion string `json:"semanticVersion"`
	Rules           []Rule `json:"rules"`
}

// AutomationDetails name a run, so that results are compared with those of the
// same command before.
type AutomationDetails struct {
	ID string `json:"id"`
}

// Invocation says how the command ended.
type Invocation struct {
	// ExecutionSuccessful is unset where the command could not do its work, so
	// that results may be missing.
	ExecutionSuccessful bool `json:"executionSuccessful"`
}

// Rule is a kind of result.
type Rule struct {
	ID               string        `json:"id"`
	ShortDescription Message       `json:"shortDescription"`
	Help             *Message      `json:"help,omitempty"`
	Default          Configuration `json:"defaultConfiguration"`
}

// Configuration is how bad the results of a rule are, as a rule.
type Configuration struct {
	Level Level `json:"level"`
}

// Level is how bad a result is.
type Level string

// The levels, worst first.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Note    Level = "note"
)

// Message is a text for people.
type Message struct {
	Text string `json:"text"`
}

// Result is one thing that was found.
type Result struct {
	RuleID           string         `json:"ruleId"`
	RuleIndex        int            `json:"ruleIndex"` // in Driver.Rules; set by Run.Add
	Level            Level          `json:"level"`
	Message          Message        `json:"message"`
	Locations        []Location     `json:"locations,omitempty"`
	RelatedLocations []Location     `json:"relatedLocations,omitempty"`
	Fixes            []Fix          `json:"fixes,omitempty"`
	Properties       map[string]any `json:"properties,omitempty"`
}

// Location is a place, and what is to be said of it.
type Location struct {
	Physical PhysicalLocation `json:"physicalLocation"`
	Message  *Message         `json:"message,omitempty"`
}

// PhysicalLocation is a place in a file, or a whole file.
type PhysicalLocation struct {
	Artifact ArtifactLocation `json:"artifactLocation"`
	Region   *Region          `json:"region,omitempty"`
}

// ArtifactLocation is where a file is; a relative URI starts at the working
// directory of the command.
type ArtifactLocation struct {
	URI string `json:"uri"`
}

// Region is a stretch of text. Lines and columns count from 1, columns count
// runes, and the end column is that behind the last.
type Region struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

// Fix is a change of files that answers a result.
type Fix struct {
	Description Message          `json:"description"`
	Changes     []ArtifactChange `json:"artifactChanges"`
}

// ArtifactChange is the change of one file.
type ArtifactChange struct {
	Artifact     ArtifactLocation `json:"artifactLocation"`
	Replacements []Replacement    `json:"replacements"`
}

// Replacement puts a text in the place of a region; an empty region inserts.
type Replacement struct {
	Deleted  Region  `json:"deletedRegion"`
	Inserted Message `json:"insertedContent"`
}

// NewRun returns a run of raspc without results. The name, such as "check" or
// "verify out/sort", tells runs that are kept beside each other apart. A run is
// complete where the command came to its end.
func NewRun(name string, complete bool) *Run {
	return &Run{
		Tool:              Tool{Driver{Name: "raspc", Version: version.Version, SemanticVersion: version.Version, Rules: []Rule{}}},
		AutomationDetails: AutomationDetails{ID: "raspc " + name + "/"},
		Invocations:       []Invocation{{complete}},
		ColumnKind:        "unicodeCodePoints",
		Results:           []Result{},
	}
}

// Add adds a result, and its rule where it is the first one of it.
func (r *Run) Add(rule Rule, result Result) {
	rules := &r.Tool.Driver.Rules
	result.RuleID, result.RuleIndex = rule.ID, len(*rules)
	for i, known := range *rules {
		if known.ID == rule.ID {
			result.RuleIndex = i
		}
	}
	if result.RuleIndex == len(*rules) {
		*rules = append(*rules, rule)
	}
	r.Results = append(r.Results, result)
}

// Write writes a log of the run alone. The only error is that of the writer,
// unless a property has no JSON form.
func (r *Run) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(Log{Schema: schema, Version: formatVersion, Runs: []Run{*r}})
}

// File returns where the file at a path of the system is.
func File(name string) ArtifactLocation {
	u := url.URL{Path: path.Clean(filepath.ToSlash(name))}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
		u.Path = "/" + strings.TrimPrefix(u.Path, "/") // as for C:/x
	}
	return ArtifactLocation{URI: u.String()}
}
