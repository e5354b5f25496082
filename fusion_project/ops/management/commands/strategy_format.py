"""Shows, settles and teaches what members of a strategy's alerts are that no dialect knows."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from signals.dialects.format_checks import FormatWrong
from signals.dialects.format_guesses import format_guessed
from signals.dialects.published_formats import published_format, published_names
from signals.dialects.settled import CREDENTIAL, HARMLESS, MEANS
from signals.models import Strategy
from signals.services.formats import format_forget, format_teach
from signals.services.settling import members_forget, members_settle, settled_rows
from signals.services.strategies import strategy_get

_PERMISSION = "ops.settle_member"


class Command(BaseCommand):
    help = (
        "An entry is refused as unknown_member where its message holds a member that nobody "
        "understands. Say once what it is: the policy gets a new version, with who and why. "
        "A whole format is taught by a df.format document with examples of its own. "
        "Without an option it lists what is settled and taught."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the strategy")
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--harmless", metavar="NAMES", help="the trade is the same without these, by commas"
        )
        what.add_argument(
            "--credential", metavar="NAMES", help="these are blanked before anything is stored"
        )
        what.add_argument(
            "--means", metavar="NAME=MEMBER", help="it says what this known member says"
        )
        what.add_argument("--forget", metavar="NAMES", help="take what was settled back")
        what.add_argument(
            "--guess", metavar="FILE", help="print a first format of the messages, one a line"
        )
        what.add_argument(
            "--teach",
            metavar="FILE",
            help=f"keep the format of this document; or of: {', '.join(published_names())}",
        )
        what.add_argument("--show", metavar="NAME", help="print a taught format's document")
        what.add_argument("--forget-format", metavar="NAME", help="leave a taught format")
        parser.add_argument("--name", default="", help="what a guessed format is called")
        parser.add_argument("--why", default="", help="the reason, kept with it")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        try:
            if options["guess"]:
                self._print(_guessed(options))
                return
            strategy = self._changed(options) or strategy_get(slug=options["slug"])
        except (DomainError, FormatWrong) as error:
            raise CommandError(str(error)) from error
        if options["show"]:
            self._print(_shown(strategy, options["show"]))
            return
        rows = settled_rows(strategy.policy.members)
        self.stdout.write(f"{strategy.slug}, policy version {strategy.policy.version}")
        for name, what, why in rows:
            self.stdout.write(f"  {name:<24}{what:<16}{why}")
        for document in strategy.policy.formats:
            self.stdout.write(f"  format {document['name']}")
            for example in document["examples"]:
                self.stdout.write(f"    {example['asks']:<48}{example['body'][:80]}")
        if not rows and not strategy.policy.formats:
            self.stdout.write("  nothing is settled")

    def _print(self, document: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(document, indent=1, ensure_ascii=False))

    def _changed(self, options: dict[str, Any]) -> Strategy | None:
        names = (HARMLESS, CREDENTIAL, MEANS, "forget", "teach", "forget_format")
        kind, given = next(((name, options[name]) for name in names if options[name]), ("", ""))
        if not kind:
            return None
        actor = acting_user(options["as_user"], _PERMISSION)
        slug = options["slug"]
        if kind == "teach":
            return format_teach(slug=slug, document=_document(given), actor=actor)
        if kind == "forget_format":
            return format_forget(slug=slug, name=given, actor=actor)
        name, _, member = given.partition("=")
        names_given = [name] if kind == MEANS else given.split(",")
        if kind == "forget":
            return members_forget(slug=slug, names=names_given, actor=actor)
        return members_settle(
            slug=slug,
            names=names_given,
            kind=kind,
            why=options["why"],
            actor=actor,
            means=member,
        )


def _guessed(options: dict[str, Any]) -> dict[str, Any]:
    bodies = [line for line in _text(options["guess"]).splitlines() if line.strip()]
    return format_guessed(options["name"] or options["slug"], bodies)


def _document(path: str) -> Any:
    if (published := published_format(path)) is not None:
        return published
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise CommandError(f"{path} holds no JSON: {error}") from error


def _shown(strategy: Strategy, name: str) -> dict[str, Any]:
    found = next((one for one in strategy.policy.formats if one["name"] == name), None)
    if found is None:
        raise CommandError(f"There is no format {name!r}.")
    return dict(found)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
