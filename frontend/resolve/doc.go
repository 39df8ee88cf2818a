// Package resolve runs a RASP program's statements and leaves behind what it
// means: an s-op graph, the program's names, and its settings.
//
// RASP has no separate type system: lists, dictionaries, functions, loops and
// recursion are ordinary values and control flow at the time when the program
// is read, and only s-ops and selectors survive into the graph. So resolving is
// evaluation, by the rules of Weiss et al. 2021's interpreter: names are looked
// up late, `for` leaks its names, bodies and loaded files may shadow the
// library, plain conditionals are lazy. What depends on an input (the type of an
// element, a division by a token that is zero) is not decided here.
//
// The library functions that count (`length`, `selector_width`, `has_focus`,
// `count`, `contains`, and `in` on an s-op) build the graph's width node
// directly; the others are RASP text (library.rasp).
//
// Every program ends: steps, recursion, sizes of values and of the graph are
// limited, and passing a limit is an error like any other.
package resolve
