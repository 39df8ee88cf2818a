package manifest

// Host is a model in which the program's is a part, the circuit. All indices of the
// manifest, and the names made of them, are those of the host, but for the ids of
// tokens.
type Host struct {
	Arch   string `json:"arch"`
	DModel int    `json:"d_model"`
	Layers int    `json:"layers"`
	Heads  int    `json:"heads"`
	DMLP   int    `json:"d_mlp"`
	// Columns are those of the circuit's decoder, in order. Where the norms subtract
	// a mean, the circuit has two columns more: Compensation holds minus the sum of the
	// others, Reference 0.
	Columns      Runs `json:"columns"`
	Compensation *int `json:"compensation,omitempty"`
	Reference    *int `json:"reference,omitempty"`
	// LayersAt are the layers of the circuit, in order; HeadsAt and NeuronsAt have the
	// circuit's heads and neurons in each of these.
	LayersAt  []int  `json:"layers_at"`
	HeadsAt   []Runs `json:"heads_at"`
	NeuronsAt []Runs `json:"neurons_at"`
	// Tokens are the ids of the program's tokens, in the order of Manifest.Tokens, then
	// those of BOS and of PAD.
	Tokens []int `json:"tokens"`
}
