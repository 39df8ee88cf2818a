package raspc

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/internal/staged"
)

// writing says how files are written: see ExportOptions.
type writing struct {
	force, dryRun bool
	progress      func(done, total int64)
	left          *[]string // is set to the folders of exports that were killed, or still run
	// check looks at the folder with all files before they get their places; nil for
	// nothing to look for.
	check func(dir string) error
}

// write writes files into dir beside their places, and moves them there when all are
// complete. It is given up when ctx is done.
func write(ctx context.Context, dir string, files []artifact.File, w writing) error {
	if err := checkPlaces(dir, files, w.force); err != nil || w.dryRun {
		return err
	}
	*w.left = staged.Left(dir)
	stage, err := staged.In(dir)
	if err != nil {
		return err
	}
	defer stage.Close()
	err = artifact.Create(stage.Path, files, func(done, total int64) error {
		if w.progress != nil {
			w.progress(done, total)
		}
		return ctx.Err()
	})
	if errors.Is(err, syscall.ENOSPC) {
		err = fmt.Errorf("%w; the export needs %d bytes", err, artifact.Size(files))
	}
	if err != nil {
		return err
	}
	if w.check != nil {
		if err := w.check(stage.Path); err != nil {
			return err
		}
	}
	return move(stage, dir, files)
}

// listed names files with their sizes.
func listed(files []artifact.File) []ExportedFile {
	var all []ExportedFile
	for _, f := range files {
		all = append(all, ExportedFile{f.Name, f.Size})
	}
	return all
}
