"""The map of a stream to fewer columns, and how it is trained."""

import math

import torch

from .least_squares import descended

ENOUGH = 1e-20  # a loss below which training ends
MISSED = 1e-10  # a loss above which training begins
FADING = (0.8, 0.6, 0.4, 0.2, 0.1, 0.0)  # what is left of a direction that is being dropped
NOTHING = 1e-9  # what is written where nothing is
FADED = 4  # steps of training at each


class Compression:
    """W, and what it is trained on. All in float64, as scores are in the hundreds and have to be
    equal to some thousandths."""

    def __init__(self, model, count, seed):
        self.model, self.w = model, torch.eye(model.width, dtype=torch.float64)
        self.ids = model.inputs(count, seed)
        ids = model.manifest["tokens"]
        self.real = self.ids != ids["pad_id"]
        self.answered = self.real & (self.ids != ids["bos_id"])
        with torch.no_grad():
            self.logits, self.writes, _ = model.run(self.ids)

    def losses(self, w):
        """Returns the loss of the outputs, the mean square error of numbers and the cross-entropy of
        labels, and the mean square error of what layers write."""
        outputs, layers = self.errors(w)
        return outputs.square().sum(), layers.square().sum()

    def loss(self, w):
        return sum(self.losses(w)).item()

    def residuals(self, w):
        """Returns numbers whose squares add up to the loss."""
        return torch.cat(self.errors(w))

    def errors(self, w):
        """Returns those of the outputs, and of what layers write."""
        logits, writes, _ = self.model.run(self.ids, w)
        got, want = logits[self.answered], self.logits[self.answered]
        if self.model.numeric:
            outputs = (got - want) / math.sqrt(got.numel())
        else:
            outputs = (torch.nn.functional.cross_entropy(got, want.argmax(-1), reduction="none") / len(got)).clamp(min=1e-30).sqrt()
        count = math.sqrt(self.real.sum())
        layers = [(got - want)[self.real][:, part] / count for got, want, part in zip(writes, self.writes, self.model.targets, strict=True)]
        return outputs.flatten(), torch.cat([x.flatten() for x in layers])

    def drop(self, steps, tries):
        """Leaves out a direction, and trains what is left. If one of those of the columns, of those
        along which the stream varies, and of those along which it is read is not missed, the first
        such. Otherwise several of those that are missed least are faded out, each by itself, while
        W is trained, and what comes out best is trained to the end."""
        directions = sorted(self.directions(), key=lambda u: max(MISSED, self.loss(without(self.w, u))))
        if self.loss(cut := without(self.w, directions[0])) <= MISSED:
            self.w = cut
            return
        faded = []
        for u in directions[:tries]:
            faded.append(self.faded(u))
            if self.loss(faded[-1]) <= MISSED:
                break
        self.w = descended(self.residuals, min(faded, key=self.loss), steps, ENOUGH)

    def directions(self):
        """Returns those along which the stream might be cut, of length 1."""
        rows = torch.cat([z[self.real] for z in self.model.run(self.ids, self.w)[2]])
        read = self.w.T @ torch.cat([m / m.norm() for m in self.model.readers() if m.any()], 1)
        some = [torch.linalg.eigh(x).eigenvectors.T for x in (rows.T @ rows, read @ read.T)]
        return torch.nn.functional.normalize(torch.cat([self.w[self.w.norm(dim=-1) > 1e-3], *some]))

    def faded(self, direction):
        """Returns W without a direction, which is made shorter step by step while the rest is trained:
        cut at once, scores would be off by so much that attention is on one position only, where
        the loss is flat."""
        column, w = (self.w @ direction)[:, None], without(self.w, direction)
        for left in FADING:
            w = descended(lambda w, rest=left * column: self.residuals(torch.cat((rest, w), 1)), w, FADED, ENOUGH)
        return w

    def cosine(self):
        """Returns how what layers write lies to what they should, where that is more than what a
        softmax leaves of keys that it does not select."""
        found = []
        with torch.no_grad():
            for got, want in zip(self.model.run(self.ids, self.w)[1], self.writes, strict=True):
                there = self.real & (want.norm(dim=-1) > NOTHING)
                found.append(torch.nn.functional.cosine_similarity(got[there], want[there], dim=-1))
        return torch.cat(found).mean().item()


def without(w, direction):
    """Returns W with one column less: none along a direction of length 1."""
    basis = torch.linalg.qr(torch.cat((direction[:, None], torch.eye(len(direction), dtype=w.dtype)), 1)).Q
    return w @ basis[:, 1:]
