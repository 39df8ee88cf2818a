package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

// patchFlag is read as it stands, once for each patch: values may hold commas.
func patchFlag() cli.Flag {
	return &cli.GenericFlag{Name: "patch", Value: &texts{},
		Usage: "set an s-op's value: `NAME@POS=VALUE`, positions from 0, * for all; may be given several times"}
}

// texts are the values of a flag that may stand several times.
type texts struct{ all []string }

// Set adds one.
func (t *texts) Set(text string) error {
	t.all = append(t.all, text)
	return nil
}

// String is what help would show as the default.
func (t *texts) String() string { return strings.Join(t.all, " ") }

// patches reads the values of --patch.
func patches(ctx *cli.Context) ([]raspc.Patch, error) {
	given, _ := ctx.Generic("patch").(*texts)
	if given == nil {
		return nil, nil
	}
	var all []raspc.Patch
	for _, text := range given.all {
		p, err := raspc.ParsePatch(text)
		if err != nil {
			return nil, fromFlag(err)
		}
		all = append(all, p)
	}
	return all, nil
}

// fromFlag makes a usage error of a patch that the command line gives.
func fromFlag(err error) error {
	var wrong *raspc.PatchError
	if errors.As(err, &wrong) {
		return &usageError{"--patch: " + wrong.Msg, wrong.Help}
	}
	return err
}

// note says on standard error what the outcome of a patched run does not show: that an
// s-op has other names, that no model is held to it.
func (c *console) note(o raspc.Outcome) error {
	if o.Intervention == nil || c.json {
		return nil
	}
	for _, p := range o.Intervention.Patches {
		if len(p.Also) > 0 {
			if _, err := fmt.Fprintf(c.err, "note: %s is also %s: the program computes them once\n", p.SOp, strings.Join(p.Also, ", ")); err != nil {
				return err
			}
		}
	}
	if b := o.Intervention.Broken; b != nil {
		_, err := fmt.Fprintf(c.err, "note: no compiled model is held to this: the compiler relies on a fact that the patch breaks\n  %s\n", b)
		return err
	}
	return nil
}
