package version_test

import (
	"regexp"
	"testing"

	"github.com/raspc/raspc/internal/version"
)

// TestVersionIsSemantic keeps the form that tools compare by.
func TestVersionIsSemantic(t *testing.T) {
	if !regexp.MustCompile(`^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9a-z.]+)?$`).MatchString(version.Version) {
		t.Errorf("%q is no semantic version", version.Version)
	}
}
