package main

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// sizeUnits are the units that Hugging Face's tools take, and nothing for
// bytes.
var sizeUnits = map[string]int64{
	"": 1, "b": 1,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}

// sizeText is a decimal number with a unit.
var sizeText = regexp.MustCompile(`^(\d{1,30}(?:\.\d{1,30})?) ?([a-z]*)$`)

// parseSize reads a number of bytes such as 5GB, 1.5 GiB or 1000. Case does not
// matter. A part of a byte is dropped.
func parseSize(text string) (int64, error) {
	parts := sizeText.FindStringSubmatch(strings.ToLower(text))
	if parts == nil {
		return 0, fmt.Errorf("%q is no size such as 5GB, 200MB, 1GiB or 1000", text)
	}
	unit, ok := sizeUnits[parts[2]]
	if !ok {
		return 0, fmt.Errorf("%q ends in no unit of size: KB, MB, GB, TB, KiB, MiB, GiB, TiB, or nothing for bytes", text)
	}
	number, _ := new(big.Rat).SetString(parts[1])
	number.Mul(number, new(big.Rat).SetInt64(unit))
	bytes := new(big.Int).Quo(number.Num(), number.Denom())
	if bytes.Sign() == 0 || !bytes.IsInt64() {
		return 0, fmt.Errorf("%q is outside 1 byte to 8 EiB", text)
	}
	return bytes.Int64(), nil
}
