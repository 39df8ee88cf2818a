package hfrun

import (
	"encoding/json"
	"math"

	"github.com/raspc/raspc/verify/fault"
)

// rotary turns queries and keys by angles that grow with their positions (Su et
// al., RoFormer, 2021). The two halves of a head are the coordinates of
// size/2 planes; the angle at position p in plane i is
// p * theta^(-2i/size) / factor.
type rotary struct {
	frequencies []float64 // of each plane, in radians a position
}

// ropeSettings are those that angles follow from.
type ropeSettings struct{ theta, factor float64 }

// newRotary works out the frequencies of a head of some size.
func newRotary(s ropeSettings, size int) rotary {
	r := rotary{frequencies: make([]float64, size/2)}
	for i := range r.frequencies {
		power := round(math.Pow(s.theta, round(float64(2*i)/float64(size))))
		r.frequencies[i] = round(round(1/power) / round(s.factor))
	}
	return r
}

// turn turns all heads of rows that stand at positions 0 to n-1, again and again.
func (r rotary) turn(y []float64, n int, a attention) error {
	half, width := a.size/2, a.heads*a.size
	for t := range len(y) / width {
		for i, f := range r.frequencies {
			angle := round(float64(t%n) * f)
			cos, sin := a.to(math.Cos(angle)), a.to(math.Sin(angle))
			for h := range a.heads {
				head := y[t*width+h*a.size:][:a.size]
				u, v := head[i], head[half+i]
				head[i] = a.to(u*cos) + a.to(-v*sin)
				head[half+i] = a.to(v*cos) + a.to(u*sin)
			}
		}
	}
	return a.roundAll(y)
}

// angle bounds the angles at positions below n, in radians.
func (r rotary) angle(n int) float64 {
	most := 0.0
	for _, f := range r.frequencies {
		most = max(most, f)
	}
	return most * float64(n)
}

// rope reads what positions turn by: rope_parameters, as transformers 5 writes
// it, or rope_theta and rope_scaling, as 4 does.
func (s *settings) rope() ropeSettings {
	type parameters struct {
		Theta  *float64 `json:"rope_theta"`
		Old    string   `json:"type"`
		Type   string   `json:"rope_type"`
		Factor *float64 `json:"factor"`
	}
	var p *parameters
	theta := s.number("rope_theta", 10000)
	found := s.ropeMember("rope_parameters", &p)
	if scaled := s.ropeMember("rope_scaling", &p); scaled && found {
		s.fail(fault.Setting, "rope_parameters and rope_scaling say the same twice")
	}
	out := ropeSettings{theta, 1}
	if p == nil {
		return out
	}
	if p.Theta != nil {
		out.theta = *p.Theta
	}
	switch {
	case p.Old != "" && p.Old != p.Type, p.Type != "default" && p.Type != "linear":
		s.fail(fault.Setting, "the type of rotary positions is %q; the forward pass knows default and linear", p.Type)
	case p.Type == "linear" && p.Factor != nil:
		out.factor = *p.Factor
	case p.Type == "linear" || p.Factor != nil:
		s.fail(fault.Setting, "rotary positions of type %q with or without a factor", p.Type)
	}
	for _, v := range []float64{out.theta, out.factor} {
		if !(v >= 1) || math.IsInf(float64(float32(v)), 0) {
			s.fail(fault.Setting, "rotary positions with %g, not a float32 of 1 or more", v)
		}
	}
	return out
}

// ropeMember reads a member that may be null or missing. Its own members have to
// be known.
func (s *settings) ropeMember(key string, p any) bool {
	var members map[string]json.RawMessage
	if !s.decode(key, &members) || members == nil {
		return false
	}
	for name := range members {
		switch name {
		case "rope_theta", "rope_type", "type", "factor":
		default:
			s.fail(fault.Setting, "%s: unknown member %q, which might change the computation", key, name)
		}
	}
	return s.decode(key, p)
}
