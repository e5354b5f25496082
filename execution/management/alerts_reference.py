"""The text of docs/alerts-reference.md, from the tables in the code and the files of examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError

from execution.risk import rules
from execution.risk.reasons import ADVICE
from signals.dialects import vocabulary
from signals.dialects.defaults import EXPLAINED
from signals.dialects.guide import GUIDE
from signals.dialects.harmless import HARMLESS
from signals.dialects.registry import DIALECT_NAMES
from signals.intake import parsing
from signals.intake.answers import ANSWERS, MEMBERS
from signals.intake.reasons import (
    DECISION_REASONS,
    DUPLICATE_RULES,
    REFUSAL_RULES,
    RULE_ADVICE,
    UNREADABLE,
)
from signals.intents import checks
from signals.lint.judging import FUTURE, STALE_SECONDS
from signals.management.policy_options import policy_parts
from signals.services.receiving import UNKNOWN_PER_MINUTE_MAX

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "alerts-reference.md"
EXAMPLES: Final = ROOT / "docs" / "examples"
_HEAD: Final = """\
# Alerts: the reference

Written by `./manage.py alerts_reference` from the tables in the code and from `docs/examples/`; a
change by hand is lost. Read [alerts.md](alerts.md) first; [alerts-rules.md](alerts-rules.md) says
how the rules work together.
"""
_SIZE_WORDS: Final = "in units that the strategy declares"


def reference_text() -> str:
    """The whole page. Raises CommandError where a reason has no example."""
    examples = _reason_examples()
    parts = [
        _HEAD,
        *_answers(),
        *_limits(),
        *_declarations(),
        *_unreadable(examples),
        *_rules(examples),
        *_orders(examples),
        *_decisions(),
        *_dialects(),
        *_words(),
        *_harmless(),
    ]
    return "\n".join(parts)


def _answers() -> Iterator[str]:
    yield "## What the webhook answers\n"
    yield _table(
        ("status", "verdict", "meaning", "what the sender does"),
        ((f"`{status}`", *one) for status, one in sorted(ANSWERS.items())),
    )
    yield "Members of the answer, which is JSON:\n"
    yield _table(("member", "meaning"), ((f"`{name}`", words) for name, words in MEMBERS.items()))


def _limits() -> Iterator[str]:
    yield "## Limits\n"
    rows = (
        ("bytes of a message", parsing.BODY_BYTES_MAX, "`WEBHOOK_BODY_BYTES_MAX`"),
        ("levels of nesting", parsing.DEPTH_MAX, ""),
        ("members of all objects", parsing.KEYS_MAX, ""),
        ("characters of a text", parsing.STRING_LENGTH_MAX, ""),
        ("digits of a whole number", parsing.INTEGER_DIGITS_MAX, ""),
        ("digits before a decimal point", parsing.DECIMAL_DIGITS_BEFORE_MAX, ""),
        ("digits after it", parsing.DECIMAL_DIGITS_AFTER_MAX, ""),
        ("characters of a symbol", checks.SYMBOL_LENGTH_MAX, ""),
        ("characters of an id", checks.REF_LENGTH_MAX, ""),
        ("things asked for in one alert", checks.LEGS_MAX, ""),
        ("age of an entry in seconds", STALE_SECONDS, "`--stale-seconds` of the strategy"),
        ("seconds that an entry may be ahead", int(FUTURE.total_seconds()), ""),
        (
            "requests without a valid secret in a minute, from one address",
            UNKNOWN_PER_MINUTE_MAX,
            "`UNKNOWN_CALLERS_PER_MINUTE`",
        ),
    )
    yield _table(("what", "at most", "changed by"), rows)


def _declarations() -> Iterator[str]:
    yield "## What a strategy may declare\n"
    yield "Options of `./manage.py strategy_create STRATEGY`, and for one that exists of"
    yield "`./manage.py strategy_policy STRATEGY`:\n"
    yield _table(("option", "meaning"), policy_parts())
    yield "Keys of `--defaults`, numbers as text:\n"
    yield _table(
        ("key", "example", "meaning"),
        ((f"`{key}`", f"`{example}`", words) for key, (example, words) in EXPLAINED.items()),
    )


def _unreadable(examples: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield "## Why a message is refused\n"
    yield "Answered with the status and kept with the code. Sending it again changes nothing.\n"
    shown = _fitting(examples["message"], UNREADABLE, "message")
    yield _table(
        ("code", "status", "example", "what to change"),
        ((f"`{code}`", status, shown[code], words) for code, (status, words) in UNREADABLE.items()),
    )


def _rules(examples: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield "## Why a readable message is not acted on\n"
    yield "Answered 200 with the rule.\n"
    meanings = {**DUPLICATE_RULES, **REFUSAL_RULES}
    shown = _fitting(examples["rule"], meanings, "rule")
    yield _table(
        ("rule", "example", "what it means", "what to change"),
        ((f"`{code}`", shown[code], words, RULE_ADVICE[code]) for code, words in meanings.items()),
    )


def _orders(examples: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield "## Accepted, but no order\n"
    yield (
        "Why an approved decision becomes no order on an account, or waits: first entries, in the "
        "order of asking,\nthen what lowers risk. What waits is judged again as long as the "
        "decision lives. `./manage.py list_refusals`\nsays when each is asked.\n"
    )
    waiting = {
        reason
        for rule in rules.ENTRY_RULES
        if rule.makes_wait or rule.passes
        for reason in rule.reasons
    }
    shown = _fitting(examples["order"], ADVICE, "order")
    yield _table(
        ("reason", "effect", "example", "what to change"),
        (
            (f"`{code}`", "waits" if code in waiting else "refuses", shown[code], words)
            for code, words in ADVICE.items()
        ),
    )


def _decisions() -> Iterator[str]:
    yield "## Why a decision is what it is\n"
    yield _table(
        ("reason", "meaning"), ((f"`{code}`", words) for code, words in DECISION_REASONS.items())
    )


def _dialects() -> Iterator[str]:
    yield "## Dialects\n"
    yield (
        "A dialect is the format of one sender. They are asked in this order, and each message "
        "belongs to exactly\none. The arrow says what is asked for, or the code of the refusal. "
        "The examples are also data:\n`docs/examples/<dialect>.jsonl`, one JSON object a line with "
        "`body` and what is `expected`.\n"
    )
    for name in DIALECT_NAMES:
        yield f"### {name}\n"
        yield GUIDE[name]
        yield "```text"
        yield "\n\n".join(_shown(one) for one in _lines(_file(name)))
        yield "```\n"


def _words() -> Iterator[str]:
    yield "## Words that generic messages may use\n"
    yield (
        "Of `key_value` and `generic_json`. Capitals, spaces and punctuation do not count: "
        "`closeLong` is\n`close_long`. The side is that of the order: an exit of a long sells.\n"
    )
    asks: dict[vocabulary.Ask, list[str]] = {}
    for word, ask in vocabulary.ASKS.items():
        asks.setdefault(ask, []).append(word)
    yield _table(
        ("asks for", "side", "order", "words"),
        (
            (ask.event, ask.side or "as the message says", _order(ask), _listed(words))
            for ask, words in asks.items()
        ),
    )
    yield "Values:\n"
    yield _table(("of", "value", "words"), _values())
    yield "Names of members:\n"
    yield _table(("says", "names"), ((what, _listed(names)) for what, names in _members()))


def _harmless() -> Iterator[str]:
    yield "## Harmless members\n"
    yield (
        "Members that an entry of any strategy may hold although nothing is done with them; never\n"
        "as a yes or no. `./manage.py strategy_format` settles further ones for one strategy.\n"
    )
    names: dict[str, list[str]] = {}
    for name, one in HARMLESS.items():
        names.setdefault(one.reason, []).append(name)
    yield _table(("names", "why"), ((_listed(many), why) for why, many in names.items()))


def _order(ask: vocabulary.Ask) -> str:
    return ask.order_type if ask.event == "entry" else ""


def _values() -> Iterator[tuple[str, str, str]]:
    for title, table in (
        ("direction", vocabulary.DIRECTIONS),
        ("position", vocabulary.POSITIONS),
        ("order type", vocabulary.ORDER_TYPES),
        ("unit of a size", vocabulary.SIZE_TYPES),
        ("unit of a stop or target", vocabulary.TARGET_UNITS),
    ):
        groups: dict[str, list[str]] = {}
        for word, value in table.items():
            groups.setdefault(value or _SIZE_WORDS, []).append(word)
        for value, words in groups.items():
            yield title, value, _listed(words)


def _members() -> Iterator[tuple[str, Iterable[str]]]:
    yield "symbol", vocabulary.SYMBOL
    yield "exchange", vocabulary.EXCHANGE
    yield "action; an unknown word in it is an error", vocabulary.ACTION_HARD
    yield "action, or prose", vocabulary.ACTION_SOFT
    yield "position afterwards", vocabulary.AFTER_WORD
    yield "its size", (*vocabulary.AFTER_SIZE_SIGNED, *vocabulary.AFTER_SIZE)
    yield "position before", vocabulary.BEFORE_WORD
    yield "its size", vocabulary.BEFORE_SIZE
    yield "size", vocabulary.SIZES
    yield "unit of the size", vocabulary.SIZE_TYPE
    yield "percent of the position to close", vocabulary.CLOSE_PCT
    yield "order type", vocabulary.ORDER_TYPE
    yield "price of a limit order", vocabulary.LIMIT_PRICE
    yield "price of a stop order", vocabulary.STOP_PRICE
    yield "the chart's price", vocabulary.REF_PRICE
    yield "stop", vocabulary.STOPS
    yield "target", vocabulary.TARGETS
    yield "time of sending or of the bar", vocabulary.TIME_EITHER
    yield "time of the bar", vocabulary.TIME_BAR
    yield "time of sending", vocabulary.TIME_SENT
    yield "end of an entry", vocabulary.EXPIRES
    yield "interval", vocabulary.INTERVAL
    yield "id of the message", vocabulary.SENDER_ID
    yield "name of the trade", vocabulary.TRADE_REF


def _reason_examples() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"message": {}, "rule": {}, "order": {}}
    for one in _lines(EXAMPLES / "reasons.jsonl"):
        found[one["of"]][one["code"]] = f"`{one['body']}`" if "body" in one else one["case"]
    return found


def _fitting(shown: Mapping[str, str], table: Iterable[str], of: str) -> Mapping[str, str]:
    """The examples, one for each code of the table and no other."""
    odd = sorted(set(shown) ^ set(table))
    if odd:
        raise CommandError(
            f"docs/examples/reasons.jsonl lacks an example, or has one too many, of {of}:"
            f" {', '.join(odd)}"
        )
    return shown


def _shown(example: Mapping[str, str]) -> str:
    expected = example["expected"]
    refused = "refused: " if expected in UNREADABLE else ""
    return f"{example['body']}\n    → {refused}{expected}"


def _file(dialect: str) -> Path:
    return EXAMPLES / f"{dialect.partition('/')[0].replace('.', '_')}.jsonl"


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _listed(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _table(heads: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in row)} |\n" for row in lines)
