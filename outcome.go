package raspc

import (
	"encoding/json"
	"strings"

	"github.com/raspc/raspc/frontend/value"
)

// MarshalJSON writes the outcome in the form of `raspc run --json`.
func (o Outcome) MarshalJSON() ([]byte, error) {
	type undefined struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	j := struct {
		Name   string        `json:"name,omitempty"`
		Input  []value.Value `json:"input"`
		Output []value.Value `json:"output,omitempty"`
		Matrix [][]int       `json:"matrix,omitempty"`
		Type   string        `json:"type,omitempty"`
		Err    *undefined    `json:"error,omitempty"`
		*Intervention
	}{Intervention: o.Intervention, Name: o.Name, Input: o.Input, Output: o.Output}
	switch {
	case o.Err != nil:
		j.Err = &undefined{string(o.Err.Code), o.Err.Message}
	case o.Matrix != nil:
		j.Matrix = bits(o.Matrix)
	default:
		j.Type = value.AnyType(o.Output).String()
	}
	return json.Marshal(j)
}

func bits(m [][]bool) [][]int {
	rows := make([][]int, len(m))
	for i, row := range m {
		rows[i] = make([]int, len(row))
		for k, b := range row {
			if b {
				rows[i][k] = 1
			}
		}
	}
	return rows
}

// String prints the outcome as RASP does: "[1, 2] (ints)", or the matrix of a
// selector with the input above and beside it.
func (o Outcome) String() string {
	switch {
	case o.Err != nil:
		return "undefined: " + o.Err.Message
	case o.Matrix != nil:
		return o.matrix()
	}
	return value.AnySequence(o.Output)
}

func (o Outcome) matrix() string {
	var b strings.Builder
	b.WriteString("   ")
	for _, v := range o.Input {
		b.WriteString(" " + v.Display())
	}
	for q, row := range o.Matrix {
		b.WriteString("\n" + o.Input[q].Display() + " |")
		for k, selected := range row {
			mark := " "
			if selected {
				mark = "1"
			}
			b.WriteString(" " + mark + strings.Repeat(" ", max(0, len([]rune(o.Input[k].Display()))-1)))
		}
	}
	return b.String()
}
