"""The map of a stream to fewer columns, and how it is trained."""

import math

import torch

from .least_squares import descended

ENOUGH = 1e-20  # a loss below which training ends
MISSED = 1e-10  # a loss above which training begins
LOOKED_AT = -12  # the logarithm of a key's weight above which a head of the model attends to it
OVERLOOKED = -20  # that of other keys which is small enough
GUIDES = (0.1, 0.01, 0.0)  # of attention beside the loss, one after the other
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
            self.right = model.run(self.ids)
        pairs = self.real[:, None, :, None] & self.real[:, None, None, :]
        self.looked_at = [pairs & (x > LOOKED_AT) for x in self.right.attention]
        self.overlooked = [pairs & (x <= LOOKED_AT) for x in self.right.attention]

    def losses(self, w):
        """Returns the loss of the outputs, the mean square error of numbers and the cross-entropy of
        labels, and the mean square error of what layers write."""
        outputs, layers, _ = self.errors(w)
        return outputs.square().sum(), layers.square().sum()

    def loss(self, w):
        return sum(self.losses(w)).item()

    def guided(self, w, guide=GUIDES[0]):
        """Returns the loss that is trained, with so much of that of attention."""
        return self.residuals(w, guide).square().sum().item()

    def residuals(self, w, guide):
        """Returns numbers whose squares add up to that."""
        *errors, attention = self.errors(w)
        return torch.cat((*errors, guide * attention))

    def errors(self, w):
        """Returns those of the outputs, of what layers write, and of attention: of the logarithms of
        weights. Where attention is on one key the weights are flat, whatever the scores, and the
        loss with them; their logarithms are not."""
        run = self.model.run(self.ids, w)
        got, want = run.logits[self.answered], self.right.logits[self.answered]
        if self.model.numeric:
            outputs = (got - want) / math.sqrt(got.numel())
        else:
            outputs = (torch.nn.functional.cross_entropy(got, want.argmax(-1), reduction="none") / len(got)).clamp(min=1e-30).sqrt()
        count = math.sqrt(self.real.sum())
        layers = [(got - want)[self.real][:, part] / count for got, want, part in zip(run.writes, self.right.writes, self.model.targets, strict=True)]
        return outputs.flatten(), torch.cat([x.flatten() for x in layers]), self.strayed(run.attention)

    def strayed(self, attention):
        """Returns how far the weights of keys are from those that the model attends to them with, and how
        far above what is overlooked those of others are."""
        all = [torch.zeros(0, dtype=torch.float64)]
        for got, want, these, others in zip(attention, self.right.attention, self.looked_at, self.overlooked, strict=True):
            count = math.sqrt(these.sum() + others.sum())
            all += [(got - want)[these.expand_as(got)] / count, (got - OVERLOOKED)[others.expand_as(got)].relu() / count]
        return torch.cat(all)

    def drop(self, steps, tries):
        """Leaves out a direction, and trains what is left. If one of those of the columns, of those
        along which the stream varies, and of those along which it is read is not missed, the first
        such. Otherwise several of those that are missed least are faded out, each by itself, while
        W is trained, and what comes out best is trained to the end, with less and less of a guide."""
        directions = self.directions()
        missed = [self.loss(without(self.w, u)) for u in directions]
        if min(missed) <= MISSED:
            self.w = without(self.w, next(u for u, x in zip(directions, missed, strict=True) if x <= MISSED))
            return
        faded = []  # with their losses
        for u in sorted(directions, key=lambda u: self.guided(without(self.w, u)))[:tries]:
            w = self.faded(u)
            faded.append((self.guided(w), w))
            if faded[-1][0] <= MISSED:
                break
        _, best = min(faded, key=lambda x: x[0])
        self.w = self.trained(best, steps)

    def trained(self, w, steps):
        """Returns W after so many steps with each guide."""
        for guide in GUIDES:
            w = descended(lambda w, guide=guide: self.residuals(w, guide), w, steps, ENOUGH)
        return w

    def directions(self):
        """Returns those along which the stream might be cut, of length 1."""
        rows = torch.cat([z[self.real] for z in self.model.run(self.ids, self.w).stream])
        read = self.w.T @ torch.cat([m / m.norm() for m in self.model.readers() if m.any()], 1)
        some = [torch.linalg.eigh(x).eigenvectors.T for x in (rows.T @ rows, read @ read.T)]
        return torch.nn.functional.normalize(torch.cat([self.w[self.w.norm(dim=-1) > 1e-3], *some]))

    def faded(self, direction):
        """Returns W without a direction, which is made shorter step by step while the rest is trained:
        cut at once, scores would be off by so much that attention is on one position only, where
        the loss is flat."""
        column, w = (self.w @ direction)[:, None], without(self.w, direction)
        for left in FADING:
            w = descended(lambda w, rest=left * column: self.residuals(torch.cat((rest, w), 1), GUIDES[0]), w, FADED, ENOUGH)
        return w

    def cosine(self):
        """Returns how what layers write lies to what they should, where that is more than what a
        softmax leaves of keys that it does not select."""
        found = []
        with torch.no_grad():
            for got, want in zip(self.model.run(self.ids, self.w).writes, self.right.writes, strict=True):
                there = self.real & (want.norm(dim=-1) > NOTHING)
                found.append(torch.nn.functional.cosine_similarity(got[there], want[there], dim=-1))
        return torch.cat(found).mean().item()


def without(w, direction):
    """Returns W with one column less: none along a direction of length 1."""
    basis = torch.linalg.qr(torch.cat((direction[:, None], torch.eye(len(direction), dtype=w.dtype)), 1)).Q
    return w @ basis[:, 1:]
