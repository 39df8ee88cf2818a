package resolve_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
)

// files is a file system in memory.
type files map[string]string

func (f files) read(path string) (string, error) {
	text, ok := f[filepath.ToSlash(path)]
	if !ok {
		return "", fs.ErrNotExist
	}
	if text == "unreadable" {
		return "", errors.New("permission denied")
	}
	return text, nil
}

func TestLoad(t *testing.T) {
	tests := map[string]struct {
		main  string
		files files
		// want lists the names bound at the end with their values, and the files read.
		want  string
		diags []string
	}{
		"names are copied in order": {
			`load "lib"; c = a + b;`,
			files{"dir/lib.rasp": "a = 1;\na = 2;\n_p = 3;\nb = a + _p;\ndef f(x) { return x + _p; }\n"},
			"a=2 b=5 f c=7 | dir/main.rasp dir/lib.rasp", nil,
		},
		"private names stay private": {
			`load "lib"; b = _p;`, files{"dir/lib.rasp": "_p = 3;"},
			" | dir/main.rasp dir/lib.rasp", []string{"dir/main.rasp:1:17: error[E0401]: undefined variable `_p`"},
		},
		"console variables are invisible to the file": {
			`x = 1; load "lib";`, files{"dir/lib.rasp": "y = x;"},
			"x=1 | dir/main.rasp dir/lib.rasp", []string{"dir/lib.rasp:1:5: error[E0401]: undefined variable `x`"},
		},
		"tokens is fresh": {
			`tokens = 1; load "lib";`, files{"dir/lib.rasp": "y = len([tokens]);"},
			"tokens=1 y=1 | dir/main.rasp dir/lib.rasp", nil,
		},
		"folder of the loading file, then the working directory": {
			`load "sub/a"; load "b";`,
			files{"dir/sub/a.rasp": "load \"c\";", "dir/sub/c.rasp": "x = 1;", "b.rasp": "y = 2;"},
			"x=1 y=2 | dir/main.rasp dir/sub/a.rasp dir/sub/c.rasp b.rasp", nil,
		},
		"twice": {
			`load "lib"; x = 5; load "lib";`, files{"dir/lib.rasp": "x = 1;"},
			"x=1 | dir/main.rasp dir/lib.rasp", nil,
		},
		"in a function the names are local": {
			`def f() { load "lib"; return x + 1; } y = f();`, files{"dir/lib.rasp": "x = 1;"},
			"f y=2 | dir/main.rasp dir/lib.rasp", nil,
		},
		"exit ends the file only": {
			`load "lib"; y = x;`, files{"dir/lib.rasp": "x = 1;\nexit\nz = 2;"},
			"x=1 y=1 | dir/main.rasp dir/lib.rasp", nil,
		},
		"library names cannot be handed on": {
			`load "lib"; y = x;`, files{"dir/lib.rasp": "length = 3;\nx = length;"},
			"x=3 y=3 | dir/main.rasp dir/lib.rasp", []string{
				"dir/lib.rasp:1:1: warning[W0301]: `length` hides the library's `length` here",
				"dir/main.rasp:1:6: error[E0402]: the loaded file binds `length`, which belongs to the library",
			},
		},
		"missing": {
			`load "lib"; y = x;`, files{}, " | dir/main.rasp",
			[]string{"dir/main.rasp:1:6: error[E0701]: could not find file `lib.rasp`"},
		},
		"unreadable": {
			`load "lib";`, files{"dir/lib.rasp": "unreadable"}, " | dir/main.rasp",
			[]string{"dir/main.rasp:1:6: error[E0701]: cannot load `dir/lib.rasp`"},
		},
		"circular": {
			`load "a"; y = x;`, files{"dir/a.rasp": "load \"b\";", "dir/b.rasp": "load \"a\";"},
			" | dir/main.rasp dir/a.rasp dir/b.rasp",
			[]string{"dir/b.rasp:1:6: error[E0702]: `dir/a.rasp` is loaded while it is being loaded"},
		},
		"itself": {
			`load "main";`, files{"dir/main.rasp": `load "main";`}, " | dir/main.rasp dir/main.rasp",
			[]string{"dir/main.rasp:1:6: error[E0702]: `dir/main.rasp` is loaded while it is being loaded"},
		},
		"broken": {
			`load "lib"; z = y + x + nosuch;`, files{"dir/lib.rasp": "x = 1;\ny = ;\n"},
			"x=1 | dir/main.rasp dir/lib.rasp",
			[]string{"dir/lib.rasp:2:5: error[E0203]: expected an expression, found `;`"},
		},
		"pragmas of a loaded file that are settings do not count": {
			`load "lib";`, files{"dir/lib.rasp": "#: tokens = int\n#: encode x = numerical\nx = tokens;"},
			"x | dir/main.rasp dir/lib.rasp", nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, list := resolve.Run(diag.NewSource("dir/main.rasp", tt.main), resolve.Options{Read: tt.files.read})
			var got []string
			for _, b := range p.Bindings {
				text := b.Name
				if a, ok := b.Value.(resolve.Atom); ok {
					text += "=" + a.Display()
				}
				got = append(got, text)
			}
			state := strings.Join(got, " ") + " |"
			for _, f := range p.Files {
				state += " " + filepath.ToSlash(f.Name())
			}
			if state != tt.want {
				t.Errorf("got %q, want %q", state, tt.want)
			}
			var diags []string
			for _, d := range list {
				diags = append(diags, d.Error())
			}
			if d := cmp.Diff(tt.diags, diags); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLoadWithoutReader(t *testing.T) {
	_, list := resolve.Run(diag.NewSource("m", `load "x";`), resolve.Options{})
	if len(list) != 1 || list[0].Code != diag.LoadFailed {
		t.Errorf("%v", list)
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.rasp")
	if err := os.WriteFile(path, []byte("x = 1;"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := resolve.ReadFile(path); err != nil || text != "x = 1;" {
		t.Errorf("%q %v", text, err)
	}
	if _, err := resolve.ReadFile(dir); err == nil {
		t.Error("a folder was read")
	}
	if _, err := resolve.ReadFile(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
