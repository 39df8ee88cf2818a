"""Writes the folders beside this file: stock models of transformers 5.23.0
with random weights, ordinary norms and rotary positions, biases wherever there
can be some, and the logits
that transformers computes for a padded batch. Run it in the environment of
scripts/requirements-torch.txt.
"""

import json
from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertForTokenClassification,
    GPT2Config,
    GPT2ForTokenClassification,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForTokenClassification,
    MobileBertConfig,
    MobileBertForTokenClassification,
)

HERE = Path(__file__).parent
COMMON = {"id2label": {0: "a", 1: "b", 2: "c"}, "label2id": {"a": 0, "b": 1, "c": 2}}
SIZES = {"vocab_size": 7, "n_positions": 6, "n_embd": 12, "n_layer": 2, "n_head": 3, "n_inner": 10}
GPT2 = GPT2Config(activation_function="relu", bos_token_id=5, eos_token_id=None, pad_token_id=6, **SIZES, **COMMON)
NEXT = GPT2Config(activation_function="relu", bos_token_id=5, eos_token_id=3, pad_token_id=6, tie_word_embeddings=False, **SIZES)
BERT = BertConfig(vocab_size=7, max_position_embeddings=6, hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=10, hidden_act="relu", type_vocab_size=2, layer_norm_eps=0.03, pad_token_id=6, **COMMON)
MOBILEBERT = MobileBertConfig(vocab_size=7, max_position_embeddings=6, hidden_size=12, embedding_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=10, num_feedforward_networks=1, use_bottleneck=False, trigram_input=False, key_query_shared_bottleneck=False, normalization_type="no_norm", hidden_act="relu", type_vocab_size=2, pad_token_id=6, **COMMON)
LLAMA = LlamaConfig(vocab_size=7, max_position_embeddings=6, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=3, head_dim=6, intermediate_size=10, hidden_act="relu", rms_norm_eps=0.03, mlp_bias=True, rope_theta=50.0, rope_scaling={"rope_type": "linear", "factor": 1.5}, pad_token_id=6, **COMMON)

KEPT = {
    "architectures", "model_type", "tie_word_embeddings", "dtype", "id2label", "label2id", "pad_token_id", "vocab_size",
    "n_positions", "n_embd", "n_layer", "n_head", "n_inner", "activation_function", "layer_norm_epsilon", "scale_attn_weights",
    "max_position_embeddings", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
    "type_vocab_size", "layer_norm_eps",
    "embedding_size", "num_feedforward_networks", "use_bottleneck", "trigram_input", "key_query_shared_bottleneck", "normalization_type",
    "num_key_value_heads", "head_dim", "rms_norm_eps", "mlp_bias", "rope_parameters",
}
STOCK = {
    "gpt2": GPT2ForTokenClassification(GPT2),
    "gpt2-next": GPT2LMHeadModel(NEXT),
    "bert": BertForTokenClassification(BERT),
    "mobilebert": MobileBertForTokenClassification(MOBILEBERT),
    "llama": LlamaForTokenClassification(LLAMA),
}

for name, model in STOCK.items():
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * (0.4 if name == "mobilebert" else 1.0))  # no norm keeps its numbers small
    model.eval()
    model.save_pretrained(HERE / name)
    path = HERE / name / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({key: config[key] for key in sorted(KEPT & set(config))}, indent=2) + "\n")
    ids = [[5, 0, 1, 2, 3, 4], [5, 4, 4, 1, 6, 6], [5, 6, 6, 6, 6, 6], [2, 3, 2, 3, 0, 6]]
    mask = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0]]
    with torch.no_grad():
        logits = model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).logits
    (HERE / name / "expect.json").write_text(json.dumps({"ids": ids, "mask": mask, "logits": logits.tolist()}) + "\n")
