package main

import (
	"github.com/schollz/progressbar/v3"
)

// progress returns what to tell how many inputs are done, and what to call at
// the end. Nothing is shown where standard error is no terminal.
func (c *console) progress() (tell func(done, total int), finish func()) {
	if !c.terminal {
		return nil, func() {}
	}
	var bar *progressbar.ProgressBar
	tell = func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(c.err),
				progressbar.OptionSetDescription("verifying"), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
		}
		bar.Set(done) // an error would be the terminal's; the report matters
	}
	return tell, func() {
		if bar != nil {
			bar.Finish()
		}
	}
}
