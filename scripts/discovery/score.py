"""How well what a method found agrees with what is there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """Counts, and the area under the ROC curve of a ranking; None without one."""

    of: int  # what could be found
    there: int
    found: int
    right: int  # both found and there
    area: float | None = None

    @classmethod
    def count(cls, of, there, found, area=None):
        return cls(of, len(there), len(found), len(there & found), area)

    @property
    def precision(self):
        """The share of what was found that is there; None where nothing was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self):
        """The share of what is there that was found; None where nothing is there."""
        return self.right / self.there if self.there else None

    def cells(self):
        """Writes it for a table."""
        shares = ["–" if share is None else f"{share:.2f}" for share in (self.precision, self.recall, self.area)]
        return [*map(str, (self.of, self.there, self.found, self.right)), *shares]


def best(scores, count):
    """Returns what has the largest scores, above 0; names decide between equals."""
    ranked = sorted((name for name in scores if scores[name] > 0), key=lambda name: (-scores[name], name))
    return set(ranked[:count])


def area(scores, there):
    """Returns the chance that of two things, of which one is there, that one has the larger score; equals count half.
    It is the area under the curve of true and false positives. None where all or nothing is there."""
    inside = [score for name, score in scores.items() if name in there]
    outside = [score for name, score in scores.items() if name not in there]
    if not inside or not outside:
        return None
    won = sum((a > b) + (a == b) / 2 for a in inside for b in outside)
    return won / (len(inside) * len(outside))
