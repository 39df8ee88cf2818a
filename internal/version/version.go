// Package version holds the version of raspc.
package version

// Version is the version that the command prints and exported files carry.
const Version = "0.1.0"
