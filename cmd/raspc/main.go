// Command raspc compiles RASP programs to transformers, writes them as ONNX
// and safetensors files, and verifies the files against the program.
//
// There is one file a subcommand here, which reads flags, calls the package
// raspc and prints; what a program means is decided elsewhere.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run executes one command line and returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	keepRunning()
	con := newConsole(stdin, stdout, stderr)
	defer func() {
		if p := recover(); p != nil {
			code = con.report(&crash{fmt.Errorf("internal error: %v", p), debug.Stack()})
		}
	}()
	return con.report(execute(con, args))
}

// execute parses the command line and runs the subcommand.
func execute(con *console, args []string) error {
	app := newApp(con)
	arranged, err := arrange(app, args)
	if err != nil {
		return err
	}
	return app.RunContext(context.Background(), append([]string{app.Name}, arranged...))
}
