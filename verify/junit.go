package verify

import (
	"encoding/xml"
	"io"
)

// The JUnit form of a report: one test case a file.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Seconds float64       `xml:"time,attr"`
		Failure *junitMessage `xml:"failure,omitempty"`
		Error   *junitMessage `xml:"error,omitempty"`
		Output  string        `xml:"system-out"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
	}
)

// WriteJUnit writes the report as JUnit XML. A different file is a failure,
// an undecided one an error.
func (r *Report) WriteJUnit(w io.Writer, suite string) error {
	s := junitSuite{Name: suite, Tests: len(r.Files)}
	for _, f := range r.Files {
		c := junitCase{Class: suite, Name: f.File + " (" + f.Runner + ")", Seconds: f.Seconds, Output: f.summary()}
		switch d := f.Difference; {
		case d != nil:
			c.Failure = &junitMessage{d.short()}
			s.Failures++
		case !r.proved(f.File):
			c.Error = &junitMessage{"undecided: not proved: " + r.reason(f.File)}
			s.Errors++
		case r.Certificate == nil && f.open() != "":
			c.Error = &junitMessage{"undecided: " + f.open()}
			s.Errors++
		}
		s.Cases = append(s.Cases, c)
	}
	return s.write(w)
}

// WriteJUnitError writes JUnit XML for a verification that ended with an error.
func WriteJUnitError(w io.Writer, suite string, err error) error {
	c := junitCase{Class: suite, Name: "verify", Error: &junitMessage{err.Error()}}
	return junitSuite{Name: suite, Tests: 1, Errors: 1, Cases: []junitCase{c}}.write(w)
}

func (s junitSuite) write(w io.Writer) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
