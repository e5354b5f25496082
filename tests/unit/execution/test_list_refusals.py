"""`manage.py list_refusals`: every rule that can refuse an entry or make it wait."""

import io
import os
import subprocess
import sys
from pathlib import Path

from django.core.management import call_command

from execution.risk import rules
from execution.risk.reasons import ADVICE
from execution.risk.rules import ENTRY_RULES, EntryRule, Moment

ROOT = Path(__file__).parents[3]


def _lines() -> list[str]:
    out = io.StringIO()
    call_command("list_refusals", stdout=out)
    return out.getvalue().splitlines()


def _row(reason: str) -> tuple[str, str]:
    """Effect and moments of a reason, told apart by two blanks."""
    (line,) = [one for one in _lines() if one.startswith(f"{reason} ")]
    _, effect, moments, _ = [cell.strip() for cell in line.split("  ") if cell.strip()]
    return effect, moments


def test_each_reason_has_one_row_in_the_order_of_asking() -> None:
    listed = [line.split()[0] for line in _lines()[1:] if not line.startswith(" ")]
    asked = [reason for rule in ENTRY_RULES for reason in rule.reasons]
    assert listed == list(dict.fromkeys(asked))


def test_a_row_says_what_happens_when_and_what_to_do() -> None:
    assert _row("account_stopped") == (
        "refuses",
        "answer preview staging claim permit amend",
    )
    assert _row("no_quote") == ("waits", "preview staging claim permit amend")
    assert _row("stop_on_wrong_side") == ("refuses", "preview staging amend")
    assert _row("waits_for_flat") == ("waits", "preview claim")
    text = " ".join(" ".join(_lines()).split())
    for rule in ENTRY_RULES:
        for reason in rule.reasons:
            assert ADVICE[reason] in text, reason


def test_a_rule_added_to_the_tuple_is_listed(monkeypatch) -> None:
    added = EntryRule(("moon_is_full",), frozenset({Moment.CLAIM}), lambda _: "", makes_wait=True)
    monkeypatch.setattr(rules, "ENTRY_RULES", (*ENTRY_RULES, added))
    monkeypatch.setitem(ADVICE, "moon_is_full", "Wait.")
    assert _row("moon_is_full") == ("waits", "claim")


def test_a_reason_of_two_rules_is_one_row_with_the_moments_of_both(monkeypatch) -> None:
    both = [
        EntryRule(("exposure_limit",), frozenset({moment}), lambda _: "")
        for moment in (Moment.CLAIM, Moment.PREVIEW)
    ]
    monkeypatch.setattr(rules, "ENTRY_RULES", tuple(both))
    assert _row("exposure_limit") == ("refuses", "preview claim")


def test_it_needs_neither_settings_nor_a_database() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "list_refusals"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "account_stopped" in done.stdout
