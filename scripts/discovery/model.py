"""The model of a folder of TransformerLens, for methods that exchange activations."""

import json

import torch
from safetensors.torch import load_file
from transformer_lens import HookedTransformer

# What gives each head an input and an output of its own.
SPLIT = {"use_attn_result": True, "use_split_qkv_input": True, "use_hook_mlp_in": True}


def hooked(folder):
    """Loads the model."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = HookedTransformer(config["cfg"] | SPLIT)
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    return model.eval().requires_grad_(False)


def streams(model, inputs):
    """Returns the residual stream behind each layer, [layer, input, position, dimension], without BOS."""
    names = [f"blocks.{i}.hook_resid_post" for i in range(model.cfg.n_layers)]
    with torch.no_grad():
        _, cache = model.run_with_cache(torch.tensor(inputs), names_filter=names)
    return [cache[name][:, 1:].numpy() for name in names]
