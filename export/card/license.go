package card

import (
	"errors"
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/diag"
)

// ErrLicense reports a licence that the Hub does not know: a folder whose card
// names one cannot be uploaded.
var ErrLicense = errors.New("no licence that the Hub knows")

// licenses are the identifiers that a card may have, from the Hub's
// documentation of its repositories (docs/hub/repositories-licenses.md), without
// those of single models.
var licenses = []string{
	"afl-3.0", "agpl-3.0", "apache-2.0", "artistic-2.0", "bigcode-openrail-m", "bigscience-bloom-rail-1.0",
	"bigscience-openrail-m", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear", "bsl-1.0", "c-uda", "cc",
	"cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0",
	"cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0",
	"cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0",
	"creativeml-openrail-m", "ecl-2.0", "epl-1.0", "epl-2.0", "etalab-2.0", "eupl-1.1", "gfdl", "gpl", "gpl-2.0",
	"gpl-3.0", "isc", "lgpl", "lgpl-2.1", "lgpl-3.0", "lgpl-lr", "lppl-1.3c", "mit", "mpl-2.0", "ms-pl", "ncsa",
	"odbl", "odc-by", "ofl-1.1", "openrail", "openrail++", "osl-3.0", "other", "pddl", "postgresql", "unknown",
	"unlicense", "wtfpl", "zlib",
}

// checkLicense accepts no licence at all: whose program it is decides, and a
// card may be without.
func checkLicense(id string) error {
	if id == "" || slices.Contains(licenses, id) {
		return nil
	}
	if near := diag.Nearest(id, licenses); near != "" {
		return fmt.Errorf("%w: %q; did you mean %s?", ErrLicense, id, near)
	}
	return fmt.Errorf("%w: %q, unlike apache-2.0, mit, other and so on", ErrLicense, id)
}
