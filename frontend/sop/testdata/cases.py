"""Writes python.jsonl: how Python 3.11 reads input elements.

    python3.11 cases.py > python.jsonl

A line is [reading, element, answer]. Element and answer are one string whose
first letter is the kind: s text, b True/False, i digits, f hexadecimal float;
an answer e NAME is an exception. Answers that are no rational number (inf, nan)
are exceptions too, since raspc has none.
"""

import json
import math

READ = {"tokens_str": str, "tokens_int": int, "tokens_float": float, "tokens_bool": bool, "tokens_asis": lambda v: v}


def code(v):
    if isinstance(v, str):
        return "s" + v
    if isinstance(v, bool):
        return "b" + str(v)
    if isinstance(v, int):
        return "i" + str(v)
    return "f" + v.hex()


ELEMENTS = [
    "", " ", "a", "0", "7", "-7", "+7", "007", "-0", " 7 ", "\t7\n", "\x1c7\x1f", "\x857\xa0", "7\0", "7 7", "- 7", "--7", "+-7", "-+7",
    "++7", "1_000", "1__0", "_1", "1_", "-_1", "+_1", "-1_0", "0b11", "0o17", "0x1f", "0x", "99999999999999999999999", "-9223372036854775808",
    "1.5", "-1.5", "+1.5", "+-1.5", "++1.5", ".5", "-.5", "1.", ".", "-.", "1.5.2", "1_0.2_5", "1_.5", "1._5", "1.5_", "1e5", "1E5", "1e+5",
    "1e-5", "1.5e3", ".5e1", "1.e2", "e5", "1e", "1e+", "1e5.0", "1e1_0", "1e_1", "1e400x", "1e22", "1e-400", "1e308", "1e309", "inf", "-inf", "Infinity", "nan", "1/2", "1,5",
    "½", "²", "True", "é",
    True, False, 0, 1, -3, 10**20, -(2**63), 0.0, 0.5, -0.5, 2.75, -2.75, 1e16, 1e300,
]

for name, f in READ.items():
    for v in ELEMENTS:
        try:
            got = f(v)
            if isinstance(got, float) and not math.isfinite(got):
                raise OverflowError
            answer = code(got)
        except Exception as e:
            answer = "e" + type(e).__name__
        print(json.dumps([name, code(v), answer], separators=(",", ":")))
