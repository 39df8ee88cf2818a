package verify

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/raspc/raspc/verify/certify"
)

// CertificateTolerance is the largest proved error of a numeric output, relative
// to the largest of 1 and the numbers that the program can give, where none is
// asked for. It is more than what runs are held to: a bound for all inputs and
// all orders of summation is above any error that occurs.
const CertificateTolerance = 1e-4

// Certificate is what was proved of the files, for all inputs of the program.
type Certificate struct {
	MaxLen      int // of the inputs
	Files       []FileProof
	Assumptions []Assumption // claims about the program that the proofs rest on
}

// FileProof is what was proved of one file.
type FileProof struct {
	File   string
	Proved bool
	// WorstMargin is the least distance that the logit of the right label keeps
	// from the others', whatever the rounding; nil for a numeric output, or where
	// nothing was proved.
	WorstMargin *float64
	// WorstError bounds the error of a numeric output; nil for labels.
	WorstError *float64
	// SOps are the largest errors of what the columns hold, by the names that the
	// manifest gives them, which are not part of the proof.
	SOps    []SOpError
	Reason  string // why there is no proof
	Seconds float64
	// Host is what was found around a circuit; nil where the file holds the program
	// alone.
	Host *HostProof
}

// SOpError bounds the error of the columns that hold one s-op.
type SOpError struct {
	Name  string
	Error float64
}

// Proved reports whether all files are proved.
func (c *Certificate) Proved() bool {
	return !slices.ContainsFunc(c.Files, func(f FileProof) bool { return !f.Proved })
}

// proved reports whether a file is proved, where a proof was asked for.
func (r *Report) proved(file string) bool {
	return r.Certificate == nil || !slices.ContainsFunc(r.Certificate.Files, func(f FileProof) bool { return f.File == file && !f.Proved })
}

// open names the files that are not proved, with the verb that follows.
func (c *Certificate) open() (files, verb string) {
	var names []string
	for _, f := range c.Files {
		if !f.Proved {
			names = append(names, f.File)
		}
	}
	return enumerated(names)
}

// spec is what a file is to compute, in the terms of a proof. That the program gives
// none of the file's other tokens says that they may never have the largest logit.
func (s *subject) spec(f opened, tolerance float64) certify.Spec {
	var named []int
	rotation := s.man.Rotation
	if s.man.Compressed() {
		rotation = nil // there is nothing that it could be turned back to
	} else {
		for _, c := range s.man.Columns {
			named = append(named, c.Index)
		}
	}
	return certify.Spec{
		Graph: s.graph, Output: s.output, Causal: s.causal, MaxLen: s.maxLen,
		Vocab: s.vocab, BOS: s.bos, Labels: slices.Concat(s.labels, f.others), Tolerance: tolerance, Accept: s.accept, Assumed: s.assumed,
		Named: named, Rotation: rotation,
	}
}

// certify tries to prove each of some files, for at most as long as given.
func (s *subject) certify(ctx context.Context, runners []opened, tolerance float64, most time.Duration) (*Certificate, error) {
	c := &Certificate{MaxLen: s.maxLen}
	for _, r := range runners {
		start := time.Now()
		proof := FileProof{File: r.file}
		if r.net == nil {
			proof.Reason = r.unknown.Error() // the file runs, but its form is not known here
			c.Files = append(c.Files, proof)
			continue
		}
		result := within(ctx, most, func(ctx context.Context) certify.Result { return certify.Prove(ctx, s.spec(r, tolerance), r.net) })
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		proof.fill(result, s)
		proof.Seconds = time.Since(start).Seconds()
		c.Files = append(c.Files, proof)
		c.assume(result.Claims)
	}
	return c, nil
}

// within proves under a limit of time, if there is one.
func within(ctx context.Context, most time.Duration, prove func(context.Context) certify.Result) certify.Result {
	if most > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("no proof within %s", most))
		defer cancel()
		ctx = limited
	}
	return prove(ctx)
}

// fill takes over the result of a proof.
func (f *FileProof) fill(r certify.Result, s *subject) {
	f.Proved = r.Proved
	switch {
	case r.Reason != nil:
		f.Reason = r.Reason.Error()
	case s.labels == nil:
		f.WorstError = &r.WorstError
	case !math.IsInf(r.WorstMargin, 0): // as that of a single label is
		f.WorstMargin = &r.WorstMargin
	}
	name := map[string]string{}
	for _, v := range s.man.Variables {
		name[v.Name] = called(v)
	}
	largest := map[string]float64{}
	for _, c := range s.man.Columns {
		if c.Index >= 0 && c.Index < len(r.Columns) && !s.man.Compressed() {
			of := cmp.Or(name[c.Variable], c.Variable)
			largest[of] = max(largest[of], r.Columns[c.Index])
		}
	}
	for name, e := range largest {
		f.SOps = append(f.SOps, SOpError{name, e})
	}
	slices.SortFunc(f.SOps, func(a, b SOpError) int { return cmp.Or(cmp.Compare(b.Error, a.Error), strings.Compare(a.Name, b.Name)) })
}

// assume adds claims, each once.
func (c *Certificate) assume(claims []certify.Claim) {
	for _, claim := range claims {
		a := Assumption{SOp: claim.SOp, Claim: claim.Claim, Discharged: string(claim.Discharged), Inputs: claim.Inputs}
		if !slices.Contains(c.Assumptions, a) {
			c.Assumptions = append(c.Assumptions, a)
		}
	}
}

// summary says what was proved, in words.
func (f FileProof) summary(maxLen int) string {
	switch {
	case !f.Proved:
		return "not proved: " + f.Reason
	case f.Host != nil:
		return f.Host.summary(maxLen, *f.WorstError)
	case f.WorstError != nil:
		return fmt.Sprintf("proved for every input of up to %d, error at most %.2g", maxLen, *f.WorstError)
	case f.WorstMargin != nil:
		return fmt.Sprintf("proved for every input of up to %d, margin at least %s", maxLen, floored(*f.WorstMargin))
	}
	return fmt.Sprintf("proved for every input of up to %d", maxLen)
}

// floored spells a lower bound with three digits, none of them rounded up.
func floored(x float64) string {
	digits := math.Pow(10, 2-math.Floor(math.Log10(x)))
	return fmt.Sprintf("%.3g", math.Floor(x*digits)/digits)
}

// The JSON form of a certificate.
type (
	jsonCertificate struct {
		Proved      bool         `json:"proved"`
		MaxLen      int          `json:"max_len"`
		WorstMargin *float64     `json:"worst_margin"`
		WorstError  *float64     `json:"worst_error"`
		Assumptions []jsonAssume `json:"assumptions"`
		Files       []jsonProof  `json:"files"`
	}
	jsonProof struct {
		File        string     `json:"file"`
		Proved      bool       `json:"proved"`
		WorstMargin *float64   `json:"worst_margin"`
		WorstError  *float64   `json:"worst_error"`
		Reason      string     `json:"reason"`
		SOps        []jsonHeld `json:"sops"`
		Seconds     float64    `json:"seconds"`
		Host        *jsonHost  `json:"host,omitempty"`
	}
	jsonHost struct {
		Length  *float64 `json:"length"` // null where there is no bound
		Mean    *float64 `json:"mean"`
		SOps    int      `json:"sops"`
		Skipped int      `json:"skipped"`
	}
	jsonHeld struct {
		SOp   string  `json:"sop"`
		Error float64 `json:"error"`
	}
)

// json is the certificate's JSON form; the worst values are those of all files.
func (c *Certificate) json() *jsonCertificate {
	if c == nil {
		return nil
	}
	j := &jsonCertificate{Proved: c.Proved(), MaxLen: c.MaxLen, Assumptions: []jsonAssume{}, Files: []jsonProof{}}
	for _, a := range c.Assumptions {
		j.Assumptions = append(j.Assumptions, jsonAssume(a))
	}
	for _, f := range c.Files {
		p := jsonProof{File: f.File, Proved: f.Proved, WorstMargin: f.WorstMargin, WorstError: f.WorstError, Reason: f.Reason, SOps: []jsonHeld{}, Seconds: f.Seconds, Host: f.Host.json()}
		for _, s := range f.SOps {
			p.SOps = append(p.SOps, jsonHeld{s.Name, s.Error})
		}
		j.Files = append(j.Files, p)
		if f.WorstMargin != nil && (j.WorstMargin == nil || *f.WorstMargin < *j.WorstMargin) {
			j.WorstMargin = f.WorstMargin
		}
		if f.WorstError != nil && (j.WorstError == nil || *f.WorstError > *j.WorstError) {
			j.WorstError = f.WorstError
		}
	}
	return j
}
