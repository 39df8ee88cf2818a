// Package tracr reads programs that were written for Tracr (Lindner et al. 2023),
// whose RASP is embedded in Python, from the files that scripts/tracr2raspc makes of
// them: FILE.sop.json.
//
// Such a file holds the program's graph of s-ops, in which each Python function is a
// table over the values that reach it, and the inputs for which the tables are
// made: a vocabulary and a maximum length. sop.schema.json describes it, and
// docs/tracr.md says how its parts are meant.
//
//	json.go      JSON with positions and paths
//	read.go      from JSON to a file's parts
//	program.go   from those to a resolved program; what flags may change of it
//	build.go     its graph, node by node
//	pairs.go     functions of two s-ops as RASP's operators, or as tables
//	sum.go       and as sums of functions of one each
//	text.go      the graph as RASP text
//	pragmas.go   and its inputs
//	undefined.go what is said where they have no value
//	relation.go  predicates as RASP's comparisons
//
// The graph is that of the RASP front end, with one difference: it is mixed
// (sop.NewMixed), since an s-op of Tracr's may have None among its values.
package tracr
