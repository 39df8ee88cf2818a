package main

import (
	"math"
	"strings"
	"testing"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"5GB": 5e9, "200MB": 2e8, "100KB": 1e5, "2TB": 2e12, "1GiB": 1 << 30, "3MiB": 3 << 20, "10kib": 10240, "1tIb": 1 << 40,
		"1": 1, "1000": 1000, "007": 7, "12b": 12, "5gb": 5e9, "1.5 GB": 15e8, "0.001kb": 1, "1.9": 1, "0.1GB": 1e8,
		"9223372036854775807": math.MaxInt64, "9223372036.854775807GB": math.MaxInt64,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "no size", "GB": "no size", "-1GB": "no size", "+1": "no size", "1e9": "no size", "1,5GB": "no size", ".5GB": "no size",
		"5.GB": "no size", "0x10": "no size", "inf": "no size", "5  GB": "no size", "5GB ": "no size", "٥GB": "no size",
		strings.Repeat("9", 1000): "no size",
		"5G":                      "no unit", "5PB": "no unit", "5GBit": "no unit", "5ki": "no unit",
		"0": "outside", "0GB": "outside", "0.9": "outside", "9223372036854775808": "outside", "9000000000TiB": "outside",
	} {
		if got, err := parseSize(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %d, %v; want an error with %q", text, got, err, want)
		}
	}
}
