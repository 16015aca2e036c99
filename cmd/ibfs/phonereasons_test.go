package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every condition that capture and what lies below it have for their callers has a
// reason here, but for those that do not come so far.
func TestEveryConditionHasAReason(t *testing.T) {
	within := map[string]string{
		"bplist.ErrFormat":      "becomes devicelink.ErrProtocol",
		"devicelink.ErrRefused": "is what the phone is answered",
		"mobilebackup2.ErrHost": "wraps an error of the system, which has one",
		"plist.ErrMalformed":    "becomes the ErrProtocol of the package that reads",
		"service.ErrNoIcon":     "is an app that has none",
		"usbmux.ErrNotPaired":   "is lockdown.ErrNotPaired",
	}
	var known []string
	for _, name := range []string{"phonereasons.go", "phonetask.go"} {
		ast.Inspect(parsed(t, name), func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := s.X.(*ast.Ident); ok {
					known = append(known, pkg.Name+"."+s.Sel.Name)
				}
			}
			return true
		})
	}
	var names []string
	for _, pattern := range []string{"*.go", "*/*.go", "*/*/*.go"} {
		found, err := filepath.Glob("../../capture/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	count := 0
	for _, name := range names {
		file := parsed(t, name)
		if pkg := file.Name.Name; strings.HasSuffix(name, "_test.go") || pkg == "fakedevice" || strings.HasSuffix(pkg, "test") {
			continue
		}
		for _, condition := range conditions(file) {
			count++
			if slices.Contains(known, condition) == (within[condition] != "") {
				t.Errorf("%s of %s has no reason, or has one and needs none", condition, name)
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d conditions are found", count)
	}
}

func parsed(t *testing.T, name string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// conditions are the exported variables of a file that are named as errors are.
func conditions(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, s := range d.Specs {
			for _, name := range s.(*ast.ValueSpec).Names {
				if strings.HasPrefix(name.Name, "Err") {
					names = append(names, file.Name.Name+"."+name.Name)
				}
			}
		}
	}
	return names
}
