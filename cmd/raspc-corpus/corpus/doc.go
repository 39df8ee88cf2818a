// Package corpus makes datasets of programs, weights and ground truth. It knows nothing of
// the engine that distributes the work: each of its functions makes a part of a dataset from
// its arguments alone, so that a part can be made again, elsewhere, with the same bytes.
//
//	program → Maker.Make → Record → SplitOf, ShardOf → WriteShard → Finish
//
// A Record holds a program's model while it travels; a Row is what becomes of it in
// Parquet, beside the tensors in safetensors. What a program is refused for is a Failure.
package corpus
