package verify

import (
	"encoding/json"
	"io"
	"math"

	"github.com/raspc/raspc/frontend/value"
)

// The JSON form of a report.
type (
	jsonReport struct {
		Result          Result           `json:"result"`
		Program         string           `json:"program"`
		Plan            jsonPlan         `json:"plan"`
		Seconds         float64          `json:"seconds"`
		Files           []jsonFile       `json:"files"`
		FirstDifference *jsonDifference  `json:"first_difference"`
		Assumptions     []jsonAssume     `json:"assumptions"`
		Certificate     *jsonCertificate `json:"certificate"` // null where none was asked for
		MadeBy          string           `json:"made_by"`
		Distances       []Distance       `json:"distance"` // null where it was not asked for
	}
	jsonPlan struct {
		ExhaustiveTo int    `json:"exhaustive_to"`
		Exhaustive   int    `json:"exhaustive"`
		Boundary     int    `json:"boundary"`
		Random       int    `json:"random"`
		MaxLen       int    `json:"max_len"`
		Seed         uint64 `json:"seed"`
	}
	jsonCovered struct {
		Length int      `json:"length"`
		Tried  int      `json:"tried"`
		Exist  *float64 `json:"exist"` // null where that is not known, or beyond float64
		All    bool     `json:"all"`
	}
	jsonBucket struct {
		From  float64 `json:"from"`
		Count int     `json:"count"`
	}
	jsonFile struct {
		File         string   `json:"file"`
		Runner       string   `json:"runner"`
		Inputs       int      `json:"inputs"`
		Undefined    int      `json:"undefined"`
		UndefinedBy  reasons  `json:"undefined_by"`
		Weak         int      `json:"weak"`
		ExhaustiveTo int      `json:"exhaustive_to"`
		WorstMargin  *float64 `json:"worst_margin"`
		MaxAbsError  *float64 `json:"max_abs_error"`
		Seconds      float64  `json:"seconds"`
		// Histogram counts margins, or errors, from From to twice as much.
		Histogram []jsonBucket `json:"histogram"`
		// Lengths are 1 to the longest of the domain.
		Lengths []jsonCovered `json:"lengths"`
	}
	jsonDifference struct {
		File     string        `json:"file"`
		Input    []value.Value `json:"input"`
		Position int           `json:"position"`
		Expected value.Value   `json:"expected"`
		Got      *value.Value  `json:"got"`
		SOp      string        `json:"sop"`
		// Departure is null where it is not known.
		Departure *Departure `json:"departure"`
		Stream    bool       `json:"stream,omitempty"`
	}
	jsonAssume struct {
		SOp        string `json:"sop"`
		Claim      string `json:"claim"`
		Discharged string `json:"discharged"`
		Inputs     int    `json:"inputs"`
	}
)

// WriteJSON writes the report as one line of JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	j := jsonReport{Result: r.Result, Program: r.Program, Plan: r.Plan.json(), Seconds: r.Seconds, Files: []jsonFile{}, Assumptions: []jsonAssume{}, MadeBy: r.MadeBy, Distances: r.Distances}
	for _, f := range r.Files {
		buckets := []jsonBucket{}
		for _, b := range f.Histogram {
			buckets = append(buckets, jsonBucket(b))
		}
		j.Files = append(j.Files, jsonFile{
			File: f.File, Runner: f.Runner, Inputs: f.Inputs, Undefined: f.Undefined, UndefinedBy: reasons{}, Weak: f.Weak,
			ExhaustiveTo: f.ExhaustiveTo, WorstMargin: f.WorstMargin, MaxAbsError: f.MaxAbsError, Seconds: f.Seconds,
			Histogram: buckets, Lengths: f.lengths(),
		})
		j.Files[len(j.Files)-1].UndefinedBy.add(f.UndefinedBy)
	}
	if d := r.FirstDifference; d != nil {
		difference := jsonDifference(*d)
		j.FirstDifference = &difference
	}
	for _, a := range r.Assumptions {
		j.Assumptions = append(j.Assumptions, jsonAssume(a))
	}
	j.Certificate = r.Certificate.json()
	return json.NewEncoder(w).Encode(j)
}

func (p Plan) json() jsonPlan {
	return jsonPlan{ExhaustiveTo: p.ExhaustiveTo, Exhaustive: p.Exhaustive, Boundary: p.Boundary, Random: p.Random, MaxLen: p.MaxLen, Seed: p.Seed}
}

func (f FileReport) lengths() []jsonCovered {
	all := make([]jsonCovered, len(f.Lengths))
	for i, c := range f.Lengths {
		all[i] = jsonCovered{Length: c.Length, Tried: c.Tried, All: c.Whole}
		if c.Exist == nil {
			continue
		}
		if x := c.Exist.Float64(); !math.IsInf(x, 0) {
			all[i].Exist = &x
		}
	}
	return all
}
