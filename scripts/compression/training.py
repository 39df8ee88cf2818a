"""The map of a stream to fewer columns, and how it is trained."""

import math

import torch

LEARNING_RATE = 3e-3
ENOUGH = 1e-10  # a loss below which training ends


class Compression:
    """W, and what it is trained on."""

    def __init__(self, model, count, seed):
        self.model, self.w = model, torch.eye(model.width)
        self.ids = model.inputs(count, seed)
        ids = model.manifest["tokens"]
        self.real = self.ids != ids["pad_id"]
        self.answered = self.real & (self.ids != ids["bos_id"])
        with torch.no_grad():
            self.logits, self.writes, _ = model.run(self.ids)

    def losses(self, w):
        """Returns the loss of the outputs, the mean square error of numbers and the cross-entropy of
        labels, and the mean square error of what layers write."""
        logits, writes, _ = self.model.run(self.ids, w)
        got, want = logits[self.answered], self.logits[self.answered]
        outputs = (got - want).square().mean() if self.model.numeric else torch.nn.functional.cross_entropy(got, want.argmax(-1))
        layers = [(got - want)[self.real].square().sum(-1).mean() for got, want in zip(writes, self.writes, strict=True)]
        return outputs, sum(layers)

    def drop(self):
        """Leaves out the direction that is missed least: of those of the columns, those along which
        the stream varies by itself, and those along which it is read by itself; the first of
        several that are not missed."""
        with torch.no_grad():
            rows = torch.cat([z[self.real] for z in self.model.run(self.ids, self.w)[2]]).double()
            w = self.w.double()
            read = torch.cat([m.double() / m.norm() for m in self.model.readers() if m.any()], 1)
            read = w.T @ read
            some = [torch.linalg.eigh(x).eigenvectors.T for x in (rows.T @ rows, read @ read.T)]
            directions = torch.nn.functional.normalize(torch.cat([w[w.norm(dim=-1) > 1e-3], *some]))
            self.w = min((without(w, u).float() for u in directions), key=lambda w: max(ENOUGH, sum(self.losses(w)).item()))

    def train(self, steps):
        """Trains W, and keeps the best."""
        w = self.w.clone().requires_grad_()
        optimizer = torch.optim.Adam([w], lr=LEARNING_RATE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
        best = math.inf
        for _ in range(steps):
            loss = sum(self.losses(w))
            if loss.item() < best:
                best, self.w = loss.item(), w.detach().clone()
            if best < ENOUGH:
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()

    def cosine(self):
        """Returns how what layers write lies to what they should, where that is not 0."""
        found = []
        with torch.no_grad():
            for got, want in zip(self.model.run(self.ids, self.w)[1], self.writes, strict=True):
                there = self.real & (want.norm(dim=-1) > 0)
                found.append(torch.nn.functional.cosine_similarity(got[there], want[there], dim=-1))
        return torch.cat(found).mean().item()


def without(w, direction):
    """Returns W with one column less: none along a direction of length 1."""
    basis = torch.linalg.qr(torch.cat((direction[:, None], torch.eye(len(direction), dtype=w.dtype)), 1)).Q
    return w @ basis[:, 1:]
