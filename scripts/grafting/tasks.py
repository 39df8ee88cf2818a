"""Tasks that a host learns to do with what a circuit in it computes."""

from dataclasses import dataclass
from typing import Callable

import torch

from .training import IGNORED


def leader(tokens, vocabulary):
    """Labels each position with the token that has occurred most often up to there, if one alone has."""
    counts = torch.nn.functional.one_hot(tokens, len(vocabulary)).cumsum(1)
    best, at = counts.topk(2, -1)
    return torch.where(best[..., 0] > best[..., 1], at[..., 0], IGNORED)


def words(n, length, vocabulary, rng):
    """Draws inputs in which some tokens are more frequent than others."""
    weights = torch.rand(n, len(vocabulary), generator=rng) + 0.2
    return torch.multinomial(weights, length, replacement=True, generator=rng)


DEEPEST = 8  # brackets that are open at once


def nested(n, length, vocabulary, rng):
    """Draws brackets of which at most DEEPEST are open, and none is closed that is not."""
    depth, wanted = torch.zeros(n, dtype=torch.long), torch.zeros(n, length, dtype=torch.long)
    lean = torch.rand(n, generator=rng) * 0.4 + 0.4  # some inputs are deeper than others
    kind = torch.randint(2, (n, length), generator=rng)
    stack = torch.zeros(n, DEEPEST + 1, dtype=torch.long)
    rows = torch.arange(n)
    for i in range(length):
        opens = (torch.rand(n, generator=rng) < lean) & (depth < DEEPEST) | (depth == 0)
        closing = stack[rows, (depth - 1).clamp(min=0)]
        wanted[:, i] = torch.where(opens, 2 * kind[:, i], 2 * closing + 1)
        stack[rows, depth] = torch.where(opens, kind[:, i], stack[rows, depth])
        depth += torch.where(opens, 1, -1)
    return wanted


def deepest(tokens, vocabulary):
    """Labels each position with the largest number of brackets that were open at once up to there."""
    return torch.where(tokens % 2 == 0, 1, -1).cumsum(1).cummax(1).values


@dataclass(frozen=True)
class Task:
    """A task: inputs are drawn as numbers of tokens in the vocabulary, and labelled."""

    name: str
    vocabulary: str
    labels: list
    draw: Callable
    label: Callable

    def batch(self, n, length, rng):
        """Returns ids, BOS in front, and labels."""
        tokens = self.draw(n, length, self.vocabulary, rng)
        labels = self.label(tokens, self.vocabulary)
        bos = torch.full((n, 1), len(self.vocabulary))
        return torch.cat([bos, tokens], 1), torch.cat([torch.full((n, 1), IGNORED), labels], 1)


TASKS = {
    task.name: task
    for task in [
        Task("leader", "abcdef", list("abcdef"), words, leader),
        Task("depth", "()[]", list(range(DEEPEST + 1)), nested, deepest),
    ]
}
