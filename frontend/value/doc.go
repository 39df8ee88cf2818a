// Package value holds RASP's atoms: strings, booleans, integers and floats,
// with the scalar operators that the language applies to them and the way
// RASP prints them.
//
// Numbers are exact rationals. The kinds int and float are kept for printing
// only: equality is numeric, so True, 1 and 1.0 are one value, and a mean of
// three thirds is exactly 1. Strings never equal numbers.
package value
