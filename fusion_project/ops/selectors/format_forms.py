"""A taught format as the form that people correct: from a document, and back into one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import QueryDict

from fusion_project.events.clock import now
from signals.dialects.common_trade import KNOWN
from signals.dialects.format_checks import (
    FormatWrong,
    asked_by,
    example_content,
    form_check,
    formats_check,
)
from signals.dialects.format_guesses import MEANINGS, UNKNOWN, words_shown
from signals.dialects.named_fields import key_of
from signals.dialects.taught import CREDENTIAL, IGNORED, TaughtFormat, format_of
from signals.intake.reasons import UNREADABLE
from signals.intents.words import intent_words
from signals.lint.judging import lint
from signals.models import Strategy
from signals.selectors.linting import lint_policy_of

MEMBERS_MAX: Final = 48
EXAMPLES_MAX: Final = 16
_BODY_MAX: Final = 4096
_NAME_MAX: Final = 19
# A report is meant to trade nothing, and a format may well show one.
_MEANT: Final = frozenset({"report"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One example: what it asks for in one line, in sentences, and what stands against it."""

    body: str
    asks: str
    sentences: list[str]
    finding: str
    is_wrong: bool


def posted_document(form: QueryDict) -> dict[str, Any]:
    """Return the document that a corrected form says, not checked; `asks` is left open."""
    rows = zip(
        form.getlist("at")[:MEMBERS_MAX],
        form.getlist("says"),
        form.getlist("values"),
        form.getlist("why"),
        strict=False,
    )
    optional = set(form.getlist("optional"))
    document: dict[str, Any] = {"v": 1, "name": posted_name(form)}
    for part in ("source", "separator", "assign"):
        if sign := form.get(part):
            document[part] = sign.replace("\r\n", "\n")
    document["members"] = [_member(*row, is_optional=row[0] in optional) for row in rows]
    constants = _words(form.get("constants", ""))
    if constants:
        document["constants"] = constants
    bodies = [one for one in posted_examples(form) if one.strip()]
    document["examples"] = [{"body": body, "asks": UNKNOWN} for body in bodies]
    return document


def posted_examples(form: QueryDict) -> list[str]:
    """Return the pasted messages as a chart sends them: browsers make every line break CR LF."""
    given = form.getlist("example")[:EXAMPLES_MAX]
    return [one.replace("\r\n", "\n").replace("\x00", "")[:_BODY_MAX] for one in given]


def posted_name(form: QueryDict) -> str:
    """Return the name that the form gives."""
    return str(form.get("name", "")).strip()[:_NAME_MAX]


def document_judged(strategy: Strategy, document: dict[str, Any]) -> list[Judged]:
    """Write what each example asks for into a document, and return how each would be judged.

    Raises FormatWrong where it cannot be kept, whatever its examples ask for.
    """
    _check_known(document)
    form_check(document)
    own = format_of(document)
    for number, example in enumerate(document["examples"], start=1):
        content = example_content(example["body"], f"example {number}")
        if not own.claims(content):
            raise FormatWrong(f"Message {number} lacks a member that may not be missing.")
        example["asks"] = asked_by(own, content)
    others = [one for one in strategy.policy.formats if one["name"] != document["name"]]
    formats_check([*others, document])
    return [_judged(strategy, own, one) for one in document["examples"]]


def rows_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one row a member: the document's, what the examples hold there, and its choices."""
    found = _shown_values(document)
    return [
        {
            **member,
            "place": _place_words(document, member["at"]),
            "shown": list(dict.fromkeys(found.get(member["at"], [])))[:4],
            "words": words_shown(member.get("values", {})),
            "choices": _choices(member["says"]),
        }
        for member in document["members"]
    ]


def constants_of(document: dict[str, Any]) -> str:
    """Return the constants as a person writes them."""
    return words_shown(document.get("constants", {}))


def _choices(says: str) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    chosen = next((one for group in MEANINGS.values() for one in group if _same(one, says)), "")
    groups = [
        (title, [(one, words, one == chosen) for one, words in group.items()])
        for title, group in MEANINGS.items()
    ]
    further = [(says, says, True)] if not chosen and key_of(says) in KNOWN else []
    return [*groups, ("As it is called", further)] if further else groups


def _same(one: str, says: str) -> bool:
    return one == says or key_of(one) == key_of(says) != ""


def _place_words(document: dict[str, Any], at: str) -> str:
    is_counted = document.get("separator") and not document.get("assign")
    return f"part {int(at) + 1}" if is_counted and at.isdecimal() else at


def _shown_values(document: dict[str, Any]) -> dict[str, list[str]]:
    shape = TaughtFormat("", "", (), {}, document.get("separator", ""), document.get("assign", ""))
    shown: dict[str, list[str]] = {}
    for example in document["examples"]:
        try:
            content = example_content(example["body"], "")
        except FormatWrong:
            continue
        for at, value in (shape.found(content) or {}).items():
            told = str(value).lower() if isinstance(value, bool) else str(value)
            shown.setdefault(at, []).append(told[:60])
    return shown


def _check_known(document: dict[str, Any]) -> None:
    open_still = [
        _place_words(document, one["at"]) for one in document["members"] if one["says"] == UNKNOWN
    ]
    if open_still:
        raise FormatWrong(f"Say what these are: {', '.join(open_still[:8])}.")
    for one in document["members"]:
        for said, means in one.get("values", {}).items():
            if means in ("", UNKNOWN):
                place = _place_words(document, one["at"])
                raise FormatWrong(f"Say what {said[:40]!r} means in {place}, as {said[:40]}=buy.")


def _judged(strategy: Strategy, own: TaughtFormat, example: dict[str, str]) -> Judged:
    policy = replace(lint_policy_of(strategy), formats=(own,))
    judged = lint(example["body"].encode("utf-8", "surrogatepass"), now=now(), policy=policy)
    asks = example["asks"]
    is_read = judged.intent is not None
    return Judged(
        body=example["body"],
        asks=asks,
        sentences=intent_words(judged.intent) if judged.intent else [],
        finding="" if is_read and not judged.entry_rule else judged.finding or judged.entry_rule,
        is_wrong=asks in UNREADABLE and asks not in _MEANT,
    )


def _member(at: str, says: str, values: str, why: str, *, is_optional: bool) -> dict[str, Any]:
    member: dict[str, Any] = {"at": at, "says": says.strip()}
    table = _words(values)
    if table and says not in (CREDENTIAL, IGNORED):
        member["values"] = table
    if why.strip():
        member["why"] = why.replace("\x00", "").strip()[:200]
    return member | ({"optional": True} if is_optional else {})


def _words(text: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in text.replace("\x00", "").split(",") if one.strip())
    return {said.strip(): means.strip() for said, _, means in pairs}
