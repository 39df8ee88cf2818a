package main

import (
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

// disguise reads the flags that make a model harder to read.
func disguise(c *cli.Context, d *raspc.Disguise) error {
	d.NoiseSeed = 1
	for name, s := range map[string]*uint32{"permute": &d.Permute, "noise-seed": &d.NoiseSeed, "rotate": &d.Rotate} {
		if !c.IsSet(name) {
			continue
		}
		n, err := strconv.ParseUint(c.String(name), 10, 32)
		if err != nil || n == 0 {
			return misused(c, "--%s is a seed from 1 to 4294967295, not %q", name, c.String(name))
		}
		*s = uint32(n)
	}
	if c.IsSet("noise") {
		x, err := strconv.ParseFloat(c.String("noise"), 64)
		if err != nil || !(x > 0) {
			return misused(c, "--noise is a standard deviation, such as 0.1, not %q", c.String("noise"))
		}
		d.Noise = x
	} else if c.IsSet("noise-seed") {
		return misused(c, "--noise-seed has no effect without --noise")
	}
	for _, word := range words(c, "duplicate") {
		name, count, ok := strings.Cut(word, "=")
		count, mean := strings.CutSuffix(count, ":mean")
		n, err := strconv.Atoi(count)
		if name == "" || !ok || err != nil {
			return misused(c, "--duplicate takes NAME=K or NAME=K:mean, such as rank=2, not %q", word)
		}
		d.Duplicate = append(d.Duplicate, raspc.Duplicate{Name: name, Copies: n, Mean: mean})
	}
	return nil
}
