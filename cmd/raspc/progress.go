package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// refresh is the time between two pictures of a bar: writers tell of every
// piece.
const refresh = 65 * time.Millisecond

// progress returns what to tell how much is done, and what to call at the end.
// Nothing is shown where standard error is no terminal.
func (c *console) progress(doing string, bytes bool) (tell func(done, total int64), finish func()) {
	if !c.terminal {
		return nil, func() {}
	}
	var bar *progressbar.ProgressBar
	tell = func(done, total int64) {
		if bar == nil {
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(c.err), progressbar.OptionShowBytes(bytes),
				progressbar.OptionSetDescription(doing), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(),
				progressbar.OptionThrottle(refresh))
		}
		bar.Set64(done) // an error would be the terminal's; the report matters
	}
	return tell, func() {
		if bar != nil {
			bar.Finish()
		}
	}
}
