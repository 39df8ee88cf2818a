package host

import "fmt"

// place is an element of a tensor of a file.
type place struct {
	tensor string
	at     []int
}

// naming says where the weights of layer i of a network stand in a file: row is the
// input and col the output of a matrix.
type naming struct {
	qkv     func(i, width, part, row, col int) place // part 0 is Q, 1 is K and 2 is V
	o       func(i, width, row, col int) place
	in, out func(i, row, col int) place
	up      func(i, row, col int) place
	upBias  func(i, col int) place
}

// names are those of the architectures that can be hosts. A GPT-2 keeps weights as
// [in, out], a Llama as [out, in].
var names = map[string]*naming{
	"gpt2": {
		qkv: func(i, width, part, row, col int) place {
			return place{fmt.Sprintf("transformer.h.%d.attn.c_attn.weight", i), []int{row, part*width + col}}
		},
		o: func(i, _, row, col int) place {
			return place{fmt.Sprintf("transformer.h.%d.attn.c_proj.weight", i), []int{row, col}}
		},
		in: func(i, row, col int) place {
			return place{fmt.Sprintf("transformer.h.%d.mlp.c_fc.weight", i), []int{row, col}}
		},
		out: func(i, row, col int) place {
			return place{fmt.Sprintf("transformer.h.%d.mlp.c_proj.weight", i), []int{row, col}}
		},
	},
	"llama": {
		qkv: func(i, _, part, row, col int) place {
			return place{fmt.Sprintf("model.layers.%d.self_attn.%c_proj.weight", i, "qkv"[part]), []int{col, row}}
		},
		o: func(i, _, row, col int) place {
			return place{fmt.Sprintf("model.layers.%d.self_attn.o_proj.weight", i), []int{col, row}}
		},
		in: func(i, row, col int) place {
			return place{fmt.Sprintf("model.layers.%d.mlp.gate_proj.weight", i), []int{col, row}}
		},
		out: func(i, row, col int) place {
			return place{fmt.Sprintf("model.layers.%d.mlp.down_proj.weight", i), []int{col, row}}
		},
		up: func(i, row, col int) place {
			return place{fmt.Sprintf("model.layers.%d.mlp.up_proj.weight", i), []int{col, row}}
		},
		upBias: func(i, col int) place {
			return place{fmt.Sprintf("model.layers.%d.mlp.up_proj.bias", i), []int{col}}
		},
	},
}
