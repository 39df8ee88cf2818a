"""Tests of scores, on what is counted by hand."""

import unittest

from discovery.score import Score, area, best


class TestScore(unittest.TestCase):
    def test_counts(self):
        score = Score.count(10, {"a", "b", "c"}, {"b", "c", "d", "e"}, 0.5)
        self.assertEqual(score, Score(10, 3, 4, 2, 0.5))
        self.assertEqual(score.cells(), ["10", "3", "4", "2", "0.50", "0.67", "0.50"])

    def test_nothing(self):
        self.assertEqual(Score.count(2, set(), {"a"}).cells(), ["2", "0", "1", "0", "0.00", "–", "–"])
        self.assertEqual(Score.count(2, {"a"}, set()).cells(), ["2", "1", "0", "0", "–", "0.00", "–"])


class TestBest(unittest.TestCase):
    def test_order(self):
        scores = {"d": 1, "c": 2, "b": 2, "a": 0}
        for count, want in enumerate([set(), {"b"}, {"b", "c"}, {"b", "c", "d"}, {"b", "c", "d"}]):
            self.assertEqual(best(scores, count), want)


class TestArea(unittest.TestCase):
    def test_pairs(self):
        infinite = float("inf")
        for scores, want in [
            ({"a": 3, "b": 2, "x": 1}, 1),
            ({"a": 0, "b": 0, "x": 1}, 0),
            ({"a": 1, "b": 1, "x": 1}, 0.5),
            ({"a": 2, "b": 0, "x": 1, "y": 0}, 0.625),
            ({"a": infinite, "b": 1, "x": infinite}, 0.25),
            ({"a": 1, "b": 1}, None),
            ({"x": 1}, None),
        ]:
            self.assertEqual(area(scores, {"a", "b"}), want)


if __name__ == "__main__":
    unittest.main()
