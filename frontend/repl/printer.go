package repl

import (
	"strings"
	"unicode"

	"github.com/raspc/raspc/frontend/diag"
)

// maxPrinted bounds the bytes that one line typed may print: shared lists can
// be far larger when written out than they are.
const maxPrinted = 1 << 20

// printer collects what is to be printed.
type printer struct {
	session *Session
	b       strings.Builder
	cut     bool
}

// text prints text that is fit for a terminal.
func (p *printer) text(parts ...string) {
	for _, t := range parts {
		if room := maxPrinted - p.b.Len(); len(t) > room {
			t, p.cut = t[:max(0, room)], true
		}
		p.b.WriteString(t)
	}
}

// line prints a line.
func (p *printer) line(parts ...string) {
	p.text(parts...)
	p.text("\n")
}

// full reports whether nothing more can be printed.
func (p *printer) full() bool { return p.cut }

// take returns what was printed, and begins anew.
func (p *printer) take() string {
	text := p.b.String()
	if p.cut {
		text = strings.ToValidUTF8(text, "") + "\n… (more than 1 MiB: the rest is left out)\n"
	}
	p.b.Reset()
	p.cut = false
	return text
}

// The colours of a terminal.
const (
	kindColour  = "\x1b[1;36m"
	errorColour = "\x1b[1;31m"
	faintColour = "\x1b[2m"
	cellColour  = "\x1b[1;32m"
	noColour    = "\x1b[0m"
)

// paint gives text a colour, where there are colours.
func (p *printer) paint(colour, text string) string {
	if !p.session.opts.Colour {
		return text
	}
	return colour + text + noColour
}

// safe makes what a program holds fit for a terminal: control characters and
// marks that turn the direction of writing become visible.
func (p *printer) safe(text string) string {
	if !p.session.opts.Terminal {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// diagnose prints diagnostics with their places.
func (p *printer) diagnose(list diag.List) {
	if len(list) == 0 {
		return
	}
	var b strings.Builder
	_ = diag.WriteText(&b, list, diag.TextOptions{Colour: p.session.opts.Colour}) // a Builder takes everything
	p.text(b.String())
}
