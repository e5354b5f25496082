"""Judges alert messages from a file or from standard input, without storing anything."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from fusion_project.errors import DomainError
from signals.intents.summary import summary_of
from signals.intents.words import intent_words
from signals.lint.judging import STALE_SECONDS, Lint, LintPolicy, lint
from signals.selectors.linting import lint_policy_of
from signals.services.strategies import strategy_get

_MARKS: Final = {"pass": "ok", "fail": "FAIL", "note": "-", "skip": "."}
_EXPECTED: Final = {"accept": "accept", "reject": "refuse", "refuse": "refuse"}
_ASKS_LENGTH_MAX: Final = 72
_STALE_SECONDS_MAX: Final = 2_147_483_647  # as far as a strategy's own goes


class Command(BaseCommand):
    help = (
        "Judge alert messages as the webhook would: dialect, intent, each check, duplicate keys. "
        "Nothing is stored and, without --strategy, no database is asked. Without --file one "
        "message is read from standard input."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file",
            type=Path,
            metavar="F.jsonl",
            help='lines of JSON with "body" (the message as text); other members are left alone',
        )
        parser.add_argument(
            "--now",
            type=_moment,
            metavar="TIME",
            help="judge ages as of this moment, such as 2026-03-02T14:30:10Z; default: now",
        )
        parser.add_argument(
            "--format",
            choices=("table", "jsonl"),
            default="table",
            dest="form",
            help="jsonl: one line for each message, in order",
        )
        parser.add_argument("--strategy", help="judge with this strategy's defaults and limits")
        parser.add_argument(
            "--stale-seconds",
            type=_seconds,
            help=f"oldest entry accepted; default: {STALE_SECONDS}",
        )

    def handle(self, **options: Any) -> None:
        # The message is judged apart from the site, whose clock would need its database.
        moment = options["now"] or datetime.now(UTC)
        policy = _policy(options["strategy"], options["stale_seconds"])
        if options["file"] is None:
            judged = lint(sys.stdin.buffer.read(), now=moment, policy=policy)
            self._write_one(judged, options["form"])
            return
        lines = list(_lines(options["file"]))
        found = [(line, lint(_body(line), now=moment, policy=policy)) for line in lines]
        if options["form"] == "jsonl":
            for _, judged in found:
                self.stdout.write(json.dumps(judged.to_dict()))
        else:
            self._write_table(found)

    def _write_one(self, judged: Lint, form: str) -> None:
        if form == "jsonl":
            self.stdout.write(json.dumps(judged.to_dict()))
            return
        entry = f"its entry would be refused: {judged.entry_rule}" if judged.entry_rule else ""
        order = f"nothing would be ordered: {judged.order_rule}" if judged.order_rule else ""
        why = judged.reason or entry or order
        self.stdout.write(f"{judged.verdict}  {why}".rstrip())
        if judged.advice:
            self.stdout.write(judged.advice)
        for hint in judged.hints:
            self.stdout.write(f"Hint: {hint}")
        for sentence in intent_words(judged.intent) if judged.intent else ():
            self.stdout.write(sentence)
        self.stdout.write("")
        for check in judged.checks:
            self.stdout.write(f"{_MARKS[check.outcome]:<5} {check.title:<15} {check.words}")
        for rule, key in judged.duplicate_keys:
            self.stdout.write(f"{'same':<5} {rule:<15} {key}")

    def _write_table(self, found: list[tuple[dict[str, Any], Lint]]) -> None:
        rows = [("line", "verdict", "reason", "dialect", "asks for", "")]
        for number, (line, judged) in enumerate(found, start=1):
            asks = _cut(summary_of(judged.intent)) if judged.intent else ""
            odd = "" if _as_expected(line, judged) else f"expected {line['expect']}"
            why = judged.reason or judged.order_rule
            rows.append((str(number), judged.verdict, why, judged.dialect, asks, odd))
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        for row in rows:
            cells = [text.ljust(width) for text, width in zip(row, [*widths, 0], strict=True)]
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write(_summary(found))


def _cut(text: str) -> str:
    return text if len(text) <= _ASKS_LENGTH_MAX else f"{text[: _ASKS_LENGTH_MAX - 1]}…"


def _summary(found: list[tuple[dict[str, Any], Lint]]) -> str:
    accepted = sum(judged.verdict == "accept" for _, judged in found)
    told = [(line, judged) for line, judged in found if line.get("expect") in _EXPECTED]
    agreed = sum(_as_expected(line, judged) for line, judged in told)
    expected = f" {agreed} of {len(told)} as expected." if told else ""
    return f"{len(found)} messages: {accepted} accepted, {len(found) - accepted} refused.{expected}"


def _as_expected(line: dict[str, Any], judged: Lint) -> bool:
    wanted = line.get("expect")
    return wanted not in _EXPECTED or _EXPECTED[wanted] == judged.verdict


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark before the text
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except ValueError as error:
            raise CommandError(f"{path}, line {number} is not JSON: {error}") from error
        if not isinstance(data, dict) or not isinstance(data.get("body"), str):
            raise CommandError(f'{path}, line {number} is not an object with a text "body".')
        yield data


def _body(line: dict[str, Any]) -> bytes:
    # Half a surrogate pair becomes bytes that are no UTF-8, and is judged as such.
    return str(line["body"]).encode("utf-8", "surrogatepass")


def _policy(slug: str | None, stale_seconds: int | None) -> LintPolicy:
    if slug is None:
        return LintPolicy(stale_seconds=STALE_SECONDS if stale_seconds is None else stale_seconds)
    try:
        strategy = strategy_get(slug=slug)
    except DomainError as error:
        raise CommandError(str(error)) from error
    except OperationalError as error:
        raise CommandError(
            "--strategy asks the database, which does not answer. Set DATABASE_URL and the other"
            " settings of the site, or leave --strategy out."
        ) from error
    policy = lint_policy_of(strategy)
    return policy if stale_seconds is None else replace(policy, stale_seconds=stale_seconds)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a time such as 2026-03-02T14:30:10Z") from error
    if moment.utcoffset() is None:
        raise ArgumentTypeError(f"{text!r} has no time zone; end it with Z or an offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ArgumentTypeError(f"{text!r} is out of range") from error


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _STALE_SECONDS_MAX):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {_STALE_SECONDS_MAX}")
    return int(text)
