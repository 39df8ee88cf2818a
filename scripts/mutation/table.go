package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// row counts the mutants of a class.
type row struct {
	Class     string `json:"class"`
	Mutants   int    `json:"mutants"`
	Refused   int    `json:"refused"`           // by the readers
	Changed   int    `json:"changed"`           // run, and wrong on some input
	Certified int    `json:"killed_by_certify"` // of those
	Sampled   []int  `json:"killed_by_samples"` // of those, by size
	Same      int    `json:"equivalent"`        // run, and right on every input
	Proved    int    `json:"equivalent_proved"` // of those
}

// result is what a session found.
type result struct {
	Seed    uint64 `json:"seed"`
	Files   int    `json:"files"`
	Inputs  [2]int `json:"inputs"` // of a file, the fewest and the most
	Samples []int  `json:"samples"`
	Damages []row  `json:"damages"`
	Nudges  []row  `json:"nudges"`
}

func newResult(seed uint64, samples []int) *result {
	r := &result{Seed: seed, Samples: samples}
	for _, c := range classes {
		empty := row{Class: c.name, Sampled: make([]int, len(samples))}
		if c.nudge {
			r.Nudges = append(r.Nudges, empty)
		} else {
			r.Damages = append(r.Damages, empty)
		}
	}
	return r
}

// file counts a file whose program has so many inputs.
func (r *result) file(inputs int) {
	if r.Files == 0 {
		r.Inputs[0] = inputs
	}
	r.Files++
	r.Inputs = [2]int{min(r.Inputs[0], inputs), max(r.Inputs[1], inputs)}
}

// of returns the row of a class.
func (r *result) of(c class) *row {
	for _, rows := range [][]row{r.Damages, r.Nudges} {
		if i := slices.IndexFunc(rows, func(r row) bool { return r.Class == c.name }); i >= 0 {
			return &rows[i]
		}
	}
	panic("mutation: " + c.name + " has no row")
}

// add counts a mutant.
func (r *row) add(v verdict) {
	r.Mutants++
	switch {
	case v.refused != "":
		r.Refused++
	case v.differs != nil:
		r.Changed++
		r.Certified += count(!v.proved)
		for i, killed := range v.killed {
			r.Sampled[i] += count(killed)
		}
	default:
		r.Same++
		r.Proved += count(v.proved)
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// sum adds rows up, of which there are some.
func sum(rows []row) row {
	total := row{Class: "all", Sampled: make([]int, len(rows[0].Sampled))}
	for _, r := range rows {
		total.Mutants += r.Mutants
		total.Refused += r.Refused
		total.Changed += r.Changed
		total.Certified += r.Certified
		total.Same += r.Same
		total.Proved += r.Proved
		for i, n := range r.Sampled {
			total.Sampled[i] += n
		}
	}
	return total
}

// share is a number of some, in per cent where there are any. Only all are 100 %.
func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	percent := 100 * float64(n) / float64(of)
	if n < of {
		percent = min(percent, 99.9)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", percent), ".0") + " %"
}

// write writes the tables in Markdown.
func (r *result) write(w io.Writer) {
	fmt.Fprintf(w, "Damages of %d files, of programs of %d to %d inputs. *Refused*: by the readers, before anything is run. *Wrong*: on some\n"+
		"input, according to a run of every one; behind it the shares of these that the certificate refuses, and that runs of a few inputs\n"+
		"find. *Right*: on every input; behind it the share of these that is proved. A weight that is moved just too far is moved\n"+
		"until an input is wrong, and at most a tenth farther.\n\n", r.Files, r.Inputs[0], r.Inputs[1])
	heading := []string{"damage", "mutants", "refused", "wrong", "killed by `--certify`"}
	for _, n := range r.Samples {
		heading = append(heading, fmt.Sprintf("by %d inputs", n))
	}
	line(w, append(heading, "right", "proved")...)
	line(w, append([]string{"---"}, slices.Repeat([]string{"--:"}, len(heading)+1)...)...)
	for _, d := range append(slices.Clone(r.Damages), sum(r.Damages)) {
		cells := []string{d.Class, fmt.Sprint(d.Mutants), fmt.Sprint(d.Refused), fmt.Sprint(d.Changed), share(d.Certified, d.Changed)}
		for _, n := range d.Sampled {
			cells = append(cells, share(n, d.Changed))
		}
		line(w, append(cells, fmt.Sprint(d.Same), share(d.Proved, d.Same))...)
	}
	fmt.Fprint(w, "\nNudges move one non-zero weight up or down, by units in its last place (*ulps*, 6e-8 to 1.2e-7 of it) or by a part of\n"+
		"itself. *Harmless* are those that leave every input right.\n\n")
	line(w, "nudge", "mutants", "harmless", "proved")
	line(w, "---", "--:", "--:", "--:")
	for _, n := range append(slices.Clone(r.Nudges), sum(r.Nudges)) {
		line(w, n.Class, fmt.Sprint(n.Mutants), fmt.Sprint(n.Same), share(n.Proved, n.Same))
	}
}

func line(w io.Writer, cells ...string) {
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}
