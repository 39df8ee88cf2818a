//go:build !unix

package main

import (
	"errors"
)

func limited() { fatal(errors.New("no limits on this system")) }
