package verify

import (
	"encoding/json"
	"math"

	"github.com/raspc/raspc/frontend/value"
)

// The JSON forms of what residual streams hold. Numbers that JSON does not have are
// null.
type (
	jsonDeparture struct {
		Layer    *int        `json:"layer"` // null for the embedding
		Part     string      `json:"part"`
		SOp      string      `json:"sop"`
		Encoding string      `json:"encoding"`
		Position int         `json:"position"`
		Expected value.Value `json:"expected"`
		Column   int         `json:"column"`
		Label    string      `json:"label"`
		Code     float64     `json:"code"`
		Held     *float64    `json:"held"`
		Distance *float64    `json:"distance"`
	}
	jsonDistance struct {
		File      string          `json:"file"`
		Inputs    int             `json:"inputs"`
		Agreement *float64        `json:"agreement"`
		MeanError *float64        `json:"mean_error"`
		MaxError  *float64        `json:"max_error"`
		SOps      []jsonSOpSpread `json:"sops"`
		Skipped   int             `json:"skipped"`
		Reason    string          `json:"reason,omitempty"`
	}
	jsonSOpSpread struct {
		SOp      string   `json:"sop"`
		Encoding string   `json:"encoding"`
		Copy     int      `json:"copy,omitempty"`
		Layer    *int     `json:"layer"`
		Part     string   `json:"part"`
		Mean     *float64 `json:"mean"`
		Worst    *float64 `json:"worst"`
		Wrong    float64  `json:"wrong"`
	}
)

// MarshalJSON writes the departure as it stands in a report.
func (d *Departure) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonDeparture{
		Layer: d.Layer, Part: d.Part, SOp: d.SOp, Encoding: d.Encoding, Position: d.Position, Expected: d.Expected,
		Column: d.Column, Label: d.Label, Code: d.Code, Held: finite(&d.Held), Distance: finite(&d.Distance),
	})
}

// MarshalJSON writes the measurement as it stands in a report.
func (d Distance) MarshalJSON() ([]byte, error) {
	j := jsonDistance{
		File: d.File, Inputs: d.Inputs, Agreement: d.Agreement, MeanError: finite(d.MeanError), MaxError: finite(d.MaxError),
		SOps: []jsonSOpSpread{}, Skipped: d.Skipped, Reason: d.Reason,
	}
	for _, s := range d.SOps {
		j.SOps = append(j.SOps, jsonSOpSpread{s.SOp, s.Encoding, s.Copy, s.Layer, s.Part, finite(&s.Mean), finite(&s.Worst), s.Wrong})
	}
	return json.Marshal(j)
}

// finite is a number, or nil where it is none that JSON has.
func finite(x *float64) *float64 {
	if x == nil || math.IsNaN(*x) || math.IsInf(*x, 0) {
		return nil
	}
	return x
}
