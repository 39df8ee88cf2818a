package raspc_test

import (
	"errors"
	"fmt"
	"log"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

// A program gets the canonical layout; its comments stay.
func ExampleFormat() {
	text, err := raspc.Format("hist.rasp", "#: vocab = \"abc\"\nsame=select(tokens,tokens,==); hist=selector_width( same ); # how many\n")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(text)
	// Output:
	// #: vocab = "abc"
	// same = select(tokens, tokens, ==);
	// hist = selector_width(same);  # how many
}

func TestFormatReportsErrors(t *testing.T) {
	text, err := raspc.Format("f.rasp", "a = ;")
	var list diag.List
	if !errors.As(err, &list) || list[0].Primary.Source.Name() != "f.rasp" || text != "" {
		t.Errorf("formatted: %q, %v", text, err)
	}
}
