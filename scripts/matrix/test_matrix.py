"""Tests of what is planned, of what is kept of a comparison, and of the tables."""

import math
import tempfile
import unittest
from pathlib import Path

from matrix import plan, table
from matrix.result import Kind, Report, Result

MANIFEST = {
    "files": [{"format": "onnx"}, {"format": "safetensors", "arch": "gpt2", "dtype": "float16"}],
    "output": {"task": "causal-lm"},
    "model": {"attention": "causal"},
}
DECODER = Kind("onnx", "", "token-classification", "float32", "full")
BERT = Kind("safetensors", "bert", "token-classification", "float32", "full")
NEXT = Kind.of(MANIFEST, "safetensors")

DOCUMENT = """# Title

<!-- table errors -->
old
<!-- end -->

<!-- table counts -->
<!-- end -->

<!-- table versions -->
<!-- end -->
"""

TABLES = """# Title

<!-- table errors -->

| format | architecture | attention | weights | onnxruntime, optimised | transformers |
|---|---|---|---|--:|--:|
| onnx | decoder | full | float32 | 1.3e-07 | – |
| safetensors | bert | full | float32 | – | 0 |
| safetensors | gpt2, causal-lm | causal | float16 | – | labels |

<!-- end -->

<!-- table counts -->

| format | architecture | attention | weights | onnxruntime, optimised | transformers |
|---|---|---|---|--:|--:|
| onnx | decoder | full | float32 | 2 / 3,000 / 10 | – |
| safetensors | bert | full | float32 | – | 1 / 2 / 2 |
| safetensors | gpt2, causal-lm | causal | float16 | – | 1 / 5 / 0 |

<!-- end -->

<!-- table versions -->

onnxruntime 1.0, torch 2.0.

<!-- end -->
"""


class Plan(unittest.TestCase):
    def test_names_are_unlike(self):
        for short in (False, True):
            for every in (False, True):
                names = [one.name for one in plan.plan([], short, every)]
                self.assertEqual(len(set(names)), len(names))

    def test_same_name_twice(self):
        with self.assertRaisesRegex(plan.Alike, "sort"):
            plan.plan([Path("a/sort.rasp"), Path("b/sort.rasp")], False, False)

    def test_files_exist(self):
        for one in plan.plan([], False, True) + plan.plan([], False, False):
            self.assertTrue(one.file.is_file(), one.file)

    def test_short_is_a_part(self):
        whole = {one.name: one.count for one in plan.plan([], False, False)}
        short = {one.name: one.count for one in plan.plan([], True, False)}
        self.assertLess(set(short), set(whole))
        self.assertEqual(max(short.values()), 100)
        self.assertFalse([name for name in short if name.startswith("corpus-") or "-128" in name])

    def test_every_form_of_a_file(self):
        names = [one.name for one in plan.plan([Path("a.rasp")], False, True)]
        self.assertEqual(names, ["a", *(f"a-{name}" for name in plan.FORMS)])

    def test_forms_of_disguises(self):
        flags = {one.name: one.flags for one in plan.disguised()}
        self.assertEqual(flags["reverse-rotated-mobilebert"], ("--rotate", "1", "--arch", "mobilebert"))
        self.assertLessEqual(set(flags), {one.name for one in plan.plan([], True, False)})

    def test_formats_that_nothing_reads(self):
        planned = plan.plan([], False, True)
        read = plan.read_by(planned, {"onnx"})
        self.assertLess(len(read), len(planned))
        for one in planned:
            self.assertEqual(one in read, "onnx" in one.formats)


class Kept(unittest.TestCase):
    def test_kind(self):
        self.assertEqual(NEXT, Kind("safetensors", "gpt2", "causal-lm", "float16", "causal"))
        self.assertEqual(Kind.of(MANIFEST, "onnx"), Kind("onnx", "", "causal-lm", "float32", "causal"))

    def test_sum(self):
        both = Result(BERT, "eager", 1, 10, 4, 0, 2e-7)
        both.add(Result(BERT, "eager", 2, 5, 0, 3, math.inf))
        self.assertEqual(both, Result(BERT, "eager", 3, 15, 4, 3, math.inf))

    def test_reports_are_read_back(self):
        reports = [
            Report("torch", {"torch": "2.0"}, [Result(BERT, "eager", 1, 10, 4, 0, 2e-7), Result(NEXT, "sdpa", 1, 1, 0, 1, math.inf)]),
            Report("web", {}, []),
        ]
        with tempfile.TemporaryDirectory() as folder:
            for report in reports:
                report.append(Path(folder, "reports"))
            self.assertEqual(Report.read(Path(folder, "reports")), reports)


class Tables(unittest.TestCase):
    def test_document(self):
        reports = [
            Report("onnxruntime", {"onnxruntime": "1.0"}, [Result(DECODER, "optimised", 2, 3000, 10, 0, 1.21e-7)]),
            Report("torch", {"torch": "2.0"}, [Result(NEXT, "", 1, 5, 0), Result(BERT, "", 1, 2, 2)]),
        ]
        self.assertEqual(table.written(DOCUMENT, reports), TABLES)
        self.assertEqual(table.written(TABLES, reports), TABLES)

    def test_errors_are_rounded_up(self):
        for error, want in ((1.0e-7, "1.0e-07"), (1.01e-7, "1.1e-07"), (9.95e-7, "1.0e-06"), (0.5, "5.0e-01")):
            self.assertEqual(table.error(Result(BERT, "", 1, 1, 1, 0, error)), want)

    def test_no_place(self):
        for document in ("", "<!-- table errors -->\n"):
            with self.assertRaises(table.NoPlace):
                table.written(document, [])


if __name__ == "__main__":
    unittest.main()
