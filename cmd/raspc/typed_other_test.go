//go:build !linux

package main

import "errors"

func typed() { fatal(errors.New("there are terminals to type on with Linux only")) }
