package stfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/nlpodyssey/safetensors"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/strictjson"
)

// metadataName is the header's member that is not a tensor.
const metadataName = "__metadata__"

// span is the part of the data that a tensor occupies.
type span struct {
	name       string
	begin, end uint64
}

// checkHeader checks everything about a header whose data has size bytes, and returns its
// metadata.
func checkHeader(header []byte, size uint64) (metadata map[string]string, err error) {
	// Python's reader wants the object to start at once; padding may follow.
	if !bytes.HasPrefix(header, []byte("{")) {
		return nil, fault.New(fault.Malformed, "it does not start with an object")
	}
	members, err := strictjson.Object(header)
	if err != nil {
		return nil, err
	}
	spans := make([]span, 0, len(members))
	for name, text := range members {
		if name == metadataName {
			metadata, err = readMetadata(text)
		} else {
			var s span
			s, err = checkTensor(name, text, size)
			spans = append(spans, s)
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", name, err)
		}
	}
	return metadata, checkSpans(spans, size)
}

// readMetadata reads an object of strings.
func readMetadata(text []byte) (map[string]string, error) {
	members, err := strictjson.Members(text)
	if err != nil {
		return nil, err
	}
	all := make(map[string]string, len(members))
	for _, key := range slices.Sorted(maps.Keys(members)) { // the same message each time
		var v *string // null is none
		if err := json.Unmarshal(members[key], &v); err != nil || v == nil {
			return nil, fault.New(fault.WrongType, "the value of %q is not a string", key)
		}
		all[key] = *v
	}
	return all, nil
}

// checkTensor checks one tensor's entry and returns its place.
func checkTensor(name string, text []byte, size uint64) (span, error) {
	members, err := strictjson.Members(text)
	if err != nil {
		return span{}, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if _, ok := members[key]; !ok {
			return span{}, fault.New(fault.Missing, "no %s", key)
		}
	}
	if len(members) != 3 {
		return span{}, fault.New(fault.Unexpected, "members besides dtype, shape and data_offsets")
	}
	want, err := tensorBytes(members)
	if err != nil {
		return span{}, err
	}
	offsets, err := naturals(members["data_offsets"])
	if err != nil {
		return span{}, fmt.Errorf("data_offsets: %w", err)
	}
	if len(offsets) != 2 || offsets[0] > offsets[1] || offsets[1] > size {
		return span{}, fault.New(fault.OutOfBounds, "data_offsets %v in %d bytes of data", offsets, size)
	}
	if got := offsets[1] - offsets[0]; got != want {
		return span{}, fault.New(fault.WrongShape, "%d bytes of data for a shape of %d", got, want)
	}
	return span{name: name, begin: offsets[0], end: offsets[1]}, nil
}

// tensorBytes returns the bytes that an entry's type and shape call for.
func tensorBytes(members map[string]json.RawMessage) (uint64, error) {
	var dtypeName string
	if err := json.Unmarshal(members["dtype"], &dtypeName); err != nil {
		return 0, fault.New(fault.WrongType, "dtype: %w", err)
	}
	dtype, err := safetensors.ParseDType(dtypeName)
	if err != nil {
		return 0, fault.New(fault.WrongType, "%w", err)
	}
	shape, err := naturals(members["shape"])
	if err != nil {
		return 0, fmt.Errorf("shape: %w", err)
	}
	n, err := product(append(shape, dtype.Size()))
	if err != nil {
		return 0, fmt.Errorf("shape %v: %w", shape, err)
	}
	return n, nil
}

// maxRank bounds the dimensions of a tensor. The architectures have at most two.
const maxRank = 64

// naturals reads an array of natural numbers, of which a shape has few.
func naturals(text []byte) ([]uint64, error) {
	if bytes.Count(text, []byte(",")) >= maxRank {
		return nil, fault.New(fault.TooLarge, "more than %d dimensions", maxRank)
	}
	var numbers []json.RawMessage
	if err := json.Unmarshal(text, &numbers); err != nil {
		return nil, fault.New(fault.WrongType, "%w", err)
	}
	if numbers == nil {
		return nil, fault.New(fault.WrongType, "null where an array is wanted")
	}
	values := make([]uint64, len(numbers))
	for i, n := range numbers {
		v, err := strconv.ParseUint(string(n), 10, 64)
		if err != nil {
			return nil, notNatural(i, n, err)
		}
		values[i] = v
	}
	return values, nil
}

// notNatural tells numbers beyond 64 bits from what is no natural number.
func notNatural(i int, text []byte, err error) error {
	kind := fault.WrongType
	if errors.Is(err, strconv.ErrRange) {
		kind = fault.TooLarge
	}
	return fault.New(kind, "element %d, %.40s, is not a natural number of 64 bits", i, text)
}

// checkSpans wants the tensors to fill the data without gap or overlap.
func checkSpans(spans []span, size uint64) error {
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := uint64(0)
	for _, s := range spans {
		if s.begin != at {
			return fault.New(fault.Overlapping, "%q starts at byte %d of the data where byte %d is due: gap or overlap", s.name, s.begin, at)
		}
		at = s.end
	}
	if at != size {
		return fault.New(fault.Overlapping, "the tensors have %d bytes, the file has %d: a gap or a tail", at, size)
	}
	return nil
}
