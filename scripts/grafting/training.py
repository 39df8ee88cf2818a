"""Training by AdamW on batches, with measurements on the way."""

import torch
from torch.nn.functional import cross_entropy

IGNORED = -100  # a label that is not asked for


class Diverged(Exception):
    """The loss is no number at a step any more."""


def optimiser(host, lr, steps, warmup=100, decay=0.01):
    """Returns AdamW and a schedule that rises, and falls to 0 along a cosine."""
    adam = torch.optim.AdamW(host.trainable(), lr=lr, betas=(0.9, 0.98), weight_decay=decay)
    rise = torch.optim.lr_scheduler.LinearLR(adam, 1 / warmup, 1, warmup)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(adam, max(1, steps - warmup))
    return adam, torch.optim.lr_scheduler.SequentialLR(adam, [rise, fall], [warmup])


def train(host, batches, steps, lr=1e-3, seen=lambda step, host: None):
    """Trains on (ids, labels) from an iterator. `seen` is called before the first step and after each."""
    adam, schedule = optimiser(host, lr, steps)
    seen(0, host)
    for step in range(1, steps + 1):
        ids, labels = next(batches)
        host.model.train()
        logits = host.model(ids.to(host.device)).logits
        loss = cross_entropy(logits.flatten(0, 1), labels.to(host.device).flatten(), ignore_index=IGNORED)
        if not torch.isfinite(loss):
            raise Diverged(step)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        host.mask_gradients()
        torch.nn.utils.clip_grad_norm_(host.trainable(), 1.0)
        adam.step()
        schedule.step()
        host.settle()
        seen(step, host)


@torch.no_grad()
def accuracy(host, ids, labels):
    """Returns the share of labels that are right, of those that are asked for."""
    host.model.eval()
    guess = host.model(ids.to(host.device)).logits.argmax(-1).cpu()
    asked = labels != IGNORED
    return (guess == labels)[asked].float().mean().item()
