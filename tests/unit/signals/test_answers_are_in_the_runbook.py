"""The runbook has a row for whatever the webhook may answer, and for nothing else."""

import ast
import inspect
import re
from collections import Counter
from pathlib import Path

from fusion_project.request_guard import UNAVAILABLE
from signals.intake.reasons import DUPLICATE_RULES, REFUSAL_RULES, UNREADABLE
from signals.services import receiving

RUNBOOK = (Path(__file__).resolve().parents[3] / "docs" / "runbook.md").read_text()


def answered() -> set[tuple[int, str]]:
    """Status and reason of each answer, from the code."""
    by_verdict = receiving._STATUS
    return {
        (by_verdict["accepted"], "accepted"),
        *((by_verdict["duplicate"], code) for code in DUPLICATE_RULES),
        *((by_verdict["refused"], code) for code in REFUSAL_RULES),
        *((status, code) for code, (status, _) in UNREADABLE.items()),
        *_written_out(),
        (405, "method_not_allowed"),
        (503, UNAVAILABLE["code"]),
    }


def _written_out() -> set[tuple[int, str]]:
    """`Answer(401, "unauthenticated", "unauthenticated", …)` and its like."""
    tree = ast.parse(inspect.getsource(receiving))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = set()
    for call in calls:
        if ast.unparse(call.func) == "Answer" and isinstance(call.args[0], ast.Constant):
            found.add((ast.literal_eval(call.args[0]), ast.literal_eval(call.args[2])))
    return found


def told() -> list[tuple[int, str]]:
    """Status and reason of each row, one for every reason that it names."""
    part = RUNBOOK.partition("\n## Answers of the webhook\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d{3}) \| ([^|]+) \| [^|]+ \| [^|]+ \|$", part, re.M)
    return [(int(status), code) for status, codes in rows for code in codes.split("`")[1::2]]


def test_the_answers_written_out_in_the_code_are_found() -> None:
    assert _written_out() == {(401, "unauthenticated"), (429, "too_many_requests")}


def test_every_answer_has_one_row_and_every_row_is_an_answer() -> None:
    assert set(told()) == answered()
    assert [one for one, count in Counter(told()).items() if count > 1] == []
