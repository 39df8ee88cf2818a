"""Two ways of finding the edges of a circuit, as the package auto-circuit has them.
Each gives every edge of a model a score, by the name of the edge."""

import torch
from auto_circuit.data import PromptDataLoader, PromptDataset
from auto_circuit.prune_algos.ACDC import acdc_prune_scores
from auto_circuit.prune_algos.mask_gradient import mask_gradient_prune_scores
from auto_circuit.utils.graph_utils import patchable_model

from discovery.model import hooked

# Of ACDC: powers of ten that are tried, and by how much the output may change
# where an edge is dropped.
EXPONENTS = [-4, -2, 0]
THRESHOLD = 1e-2


def patchable(subject):
    """Returns the model as auto-circuit takes it, and the inputs."""
    model = hooked(subject.folder)
    clean, corrupt = torch.tensor(subject.inputs), torch.tensor(subject.others)
    with torch.no_grad():
        ranked = model(clean)[:, 1:].argsort(-1, descending=True)
    # The answer is compared with the next likely one; numbers have none beside them.
    right, wrong = ranked[..., :1], ranked[..., min(1, ranked.shape[-1] - 1) :][..., :1]
    data = PromptDataset(list(clean), list(corrupt), list(right), list(wrong))
    loader = PromptDataLoader(data, seq_len=clean.shape[1], diverge_idx=0, batch_size=len(data), shuffle=False)
    options = {"factorized": True, "slice_output": "not_first_seq", "seq_len": None, "separate_qkv": True}
    return patchable_model(model, device=torch.device("cpu"), **options), loader


def scored(model, scores):
    """Returns the size of the score of each edge."""
    return {edge.name: abs(edge.prune_score(scores).item()) for edge in model.edges}


def acdc(subject):
    """Walks backwards over the edges and drops those whose output can be replaced by that on another input while
    the output changes by less than a threshold: ACDC (Conmy et al. 2023). A score is the least threshold that
    drops an edge, of those tried; infinite where none does."""
    model, loader = patchable(subject)
    measure = "mse" if subject.numeric else "kl_div"
    return scored(model, acdc_prune_scores(model, loader, None, tao_exps=EXPONENTS, tao_bases=[1], faithfulness_target=measure))


def eap(subject):
    """Estimates linearly what replacing an edge's output changes: edge attribution patching (Syed et al. 2023),
    which is the gradient of a mask where nothing is masked."""
    model, loader = patchable(subject)
    answer = "avg_val" if subject.numeric else "avg_diff"
    return scored(model, mask_gradient_prune_scores(model, loader, None, "logit", answer, mask_val=0.0))
