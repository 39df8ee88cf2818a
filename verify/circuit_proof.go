package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/host"
)

// HostProof is what a proof found of the host around a circuit.
type HostProof struct {
	// Length bounds that of the host's part of the residual stream, and Mean how far it
	// moves the mean of all columns, in front of the norm where these are the largest.
	Length, Mean float64
	SOps         int // that columns are proved to hold
	Skipped      int // listed in raspc.json, of which it is not known what the columns are to hold
}

// prove tries to prove that columns hold their s-ops, for at most as long as given.
func (c *circuit) prove(ctx context.Context, o Options) (FileProof, []certify.Claim) {
	start := time.Now()
	proof := FileProof{File: c.file}
	defer func() { proof.Seconds = time.Since(start).Seconds() }()
	err := c.apart
	if err == nil {
		err = cmp.Or(c.named(c.subject.man.Output.Reads), c.constant())
	}
	if err != nil {
		proof.Reason = err.Error()
		return proof, nil
	}
	around := c.parts.Surroundings()
	spec := c.spec(cmp.Or(o.Tolerance, CertificateTolerance), around)
	result := within(ctx, o.CertifyTimeout, func(ctx context.Context) certify.Result { return certify.Prove(ctx, spec, c.parts.Circuit) })
	proof.Host = &HostProof{SOps: len(c.variables), Skipped: c.skipped}
	for _, b := range around.Bounds() {
		proof.Host.Length, proof.Host.Mean = max(proof.Host.Length, b.Length), max(proof.Host.Mean, b.Mean)
	}
	proof.Proved = result.Proved
	for i, off := range result.Held {
		if math.IsInf(off, 0) || math.IsNaN(off) {
			continue
		}
		proof.SOps = append(proof.SOps, SOpError{called(c.variables[i].Variable), off})
	}
	proof.SOps = largestFirst(proof.SOps)
	switch {
	case result.Reason != nil:
		if proof.Reason = result.Reason.Error(); c.disturbed(ctx, spec, result.Reason, proof.Host, left(o.CertifyTimeout, start)) {
			proof.Reason += proof.Host.advice()
		}
	default:
		proof.WorstError = &result.WorstError
	}
	return proof, result.Claims
}

// largestFirst keeps the largest error of each name, in order.
func largestFirst(all []SOpError) []SOpError {
	slices.SortFunc(all, func(a, b SOpError) int { return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(b.Error, a.Error)) })
	all = slices.CompactFunc(all, func(a, b SOpError) bool { return a.Name == b.Name })
	slices.SortStableFunc(all, func(a, b SOpError) int { return cmp.Compare(b.Error, a.Error) })
	return all
}

// disturbed reports whether a proof that failed would not have without the host, within
// the time that is left.
func (c *circuit) disturbed(ctx context.Context, spec certify.Spec, reason error, h *HostProof, most time.Duration) bool {
	if h.Length == 0 || most < 0 || errors.As(reason, new(*host.LimitError)) { // which says by itself what would help
		return false
	}
	spec.Beside = silence(c.net.Width - len(c.parts.Columns))
	return within(ctx, most, func(ctx context.Context) certify.Result { return certify.Prove(ctx, spec, c.parts.Circuit) }).Proved
}

// left is what is left of a time since a start, negative where it is over; 0 is no limit.
func left(most time.Duration, start time.Time) time.Duration {
	if most == 0 {
		return 0
	}
	if rest := most - time.Since(start); rest > 0 {
		return rest
	}
	return -1
}

// silence is a number of columns of a host that hold 0.
type silence int

// Norm implements certify.Surroundings.
func (s silence) Norm([]float64) (certify.Ambient, error) {
	return certify.Ambient{Columns: int(s)}, nil
}

// advice says how large the host is, of one that disturbs the circuit.
func (h *HostProof) advice() string {
	return fmt.Sprintf("; the host's columns are up to %.2g long and move the mean by up to %.2g: centred writers and smaller weights would help", h.Length, h.Mean)
}

// spec is what the circuit is to hold, in the terms of a proof.
func (c *circuit) spec(tolerance float64, around *host.Surroundings) certify.Spec {
	s := c.subject
	at := map[int]int{}
	for i, col := range c.parts.Columns {
		at[col] = i
	}
	out := certify.Spec{
		Graph: s.graph, Output: s.output, Causal: s.causal, MaxLen: s.maxLen, Vocab: s.vocab, BOS: s.bos, Labels: s.labels,
		Tolerance: tolerance, Accept: s.accept, Assumed: s.assumed, Beside: around,
	}
	for i := range c.variables {
		v := &c.variables[i]
		held := certify.Held{Node: v.id, Number: v.Encoding == "numeric", Scale: v.scale}
		switch {
		case c.tells(v):
			held.Node, held.Aside = s.output, !c.read(v)
		case v.id == raw:
			held.Node = certify.Input
		}
		for _, col := range v.columns {
			index, ok := at[col.index]
			if !ok {
				index = -1 // a column of the host, which the proof refuses
			}
			held.Columns = append(held.Columns, certify.HeldColumn{Index: index, From: int(col.from), To: int(col.to), Code: col.code})
		}
		out.Held = append(out.Held, held)
	}
	return out
}

// summary says what is known of the circuit and its host, for a proof that holds.
func (h *HostProof) summary(maxLen int, off float64) string {
	unknown := ""
	if h.Skipped > 0 {
		unknown = fmt.Sprintf(" (not looked at: %s that no s-op is known for)", diag.Plural(h.Skipped, "variable"))
	}
	return fmt.Sprintf("proved for every input of up to %d: %s held%s, the output to within %.2g; the host is up to %.2g long and moves the mean by up to %.2g",
		maxLen, areHeld(h.SOps), unknown, off, h.Length, h.Mean)
}

func areHeld(sops int) string {
	if sops == 1 {
		return "1 s-op is"
	}
	return fmt.Sprintf("%d s-ops are", sops)
}

// json is the JSON form.
func (h *HostProof) json() *jsonHost {
	if h == nil {
		return nil
	}
	return &jsonHost{finite(&h.Length), finite(&h.Mean), h.SOps, h.Skipped}
}
