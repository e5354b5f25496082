"""A judgement of the linter as pages show it, and messages as pages and the log give them. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from signals.intake import reasons
from signals.intake.parsing import BLANK
from signals.intents.words import intent_facts, intent_words
from signals.lint.judging import ACCEPT, NOTE, PASS, SKIP, Check, Lint

_MARKS: Final = {PASS: "✓", NOTE: "·", SKIP: "–"}
_RULES: Final = {
    "same_bytes": "the same bytes again",
    "same_id": "the same id",
    "same_intent": "the same request for the same bar",
}
# A blanked credential may have stood where JSON or a dialect wants a number, or where it wants
# none; the first of these that leads to what was decided then is the one to replay.
_STAND_INS: Final = (b"1000000000", b"LICENCE", BLANK)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of the list of checks."""

    title: str
    mark: str
    outcome: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """Everything a page shows of one judged message."""

    is_accepted: bool
    headline: str
    reason: str
    status: int
    entry_rule: str
    order_rule: str
    finding: str
    advice: str
    hints: tuple[str, ...]
    dialect: str
    sentences: list[str]
    facts: list[tuple[str, str]]
    intent_json: str
    checks: list[CheckLine]
    duplicates: list[tuple[str, str]]
    unknown: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """The rule that stops the message, its entry or its order, or ''."""
        return self.reason or self.entry_rule or self.order_rule


def report_of(judged: Lint) -> LintReport:
    """Return what pages show of a judgement."""
    intent = judged.intent
    shown = "" if intent is None else json.dumps(intent.to_dict(), indent=2, ensure_ascii=False)
    return LintReport(
        is_accepted=judged.verdict == ACCEPT,
        headline=_headline(judged),
        reason=judged.reason,
        status=_status(judged),
        entry_rule=judged.entry_rule,
        order_rule=judged.order_rule if judged.verdict == ACCEPT and not judged.entry_rule else "",
        finding=judged.finding,
        advice=judged.advice or reasons.message_of(judged.entry_rule),
        hints=judged.hints,
        dialect=judged.dialect,
        sentences=intent_words(intent) if intent else [],
        facts=intent_facts(intent) if intent else [],
        intent_json=shown,
        checks=[check_line(check) for check in judged.checks],
        duplicates=[(_RULES[rule], key) for rule, key in judged.duplicate_keys],
        unknown=judged.unknown,
    )


def check_line(check: Check) -> CheckLine:
    """Return the line that shows one check."""
    return CheckLine(check.title, _MARKS.get(check.outcome, "✗"), check.outcome, check.words)


def message_bytes(text: str) -> bytes:
    """Return a pasted message as a chart sends it: browsers make every line break CR LF."""
    return text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")


def replay_bytes(stored: bytes) -> list[bytes]:
    """Return a stored body in the ways it may have read before its credentials were blanked."""
    return list(dict.fromkeys(stored.replace(BLANK, one) for one in _STAND_INS))


def _headline(judged: Lint) -> str:
    if judged.entry_rule:
        return "Its exit would be accepted, its entry refused"
    if judged.verdict == ACCEPT:
        if judged.order_rule:
            return "Would be accepted, but its entry would not be ordered"
        asks = judged.intent is not None and bool(judged.intent.legs)
        return "Would be accepted" if asks else "Would be accepted; it asks for no trade"
    if judged.reading is not None:
        return "Readable, but would be refused now"
    return "Would be refused"


def _status(judged: Lint) -> int:
    if judged.verdict == ACCEPT:
        return 202
    return 200 if judged.reading is not None else reasons.status_of(judged.reason)
