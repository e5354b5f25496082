"""Lists the rules of tokens, and asks a second person for a change."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import exact_text
from tokens.models import RuleVersion
from tokens.rules.earning import PARAMETERS
from tokens.rules.posting import DCT
from tokens.services.rules import rule_ask


class Command(BaseCommand):
    help = (
        "list shows every version of every token's rule, the newest first; ask takes all "
        "parameters of one token as NAME=VALUE and asks a second person for them (./manage.py "
        "second_person). A rule counts for positions closed from its time on, never backwards. "
        "Basis points are whole numbers that sum to 10000. Parameters: "
        + "; ".join(f"{code}: {', '.join(names)}" for code, names in PARAMETERS.items())
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        verbs.add_parser("list", help="every version, the newest first")
        asking = verbs.add_parser("ask", help="ask a second person for the next version")
        asking.add_argument("token", choices=sorted(PARAMETERS), help="whose rule")
        asking.add_argument("parameters", nargs="+", metavar="NAME=VALUE", help="all of them")
        asking.add_argument(
            "--from",
            dest="valid_from",
            type=_moment,
            metavar="TIME",
            help="ISO 8601 with an offset; without it, from its confirmation on",
        )
        asking.add_argument("--reason", required=True, help="why")
        as_user_add(asking)

    def handle(self, **options: Any) -> None:
        if options["verb"] == "list":
            self._list()
            return
        actor = acting_user(options["as_user"])
        try:
            request = rule_ask(
                token_code=options["token"],
                parameters=_parameters(options["token"], options["parameters"]),
                valid_from=options["valid_from"],
                reason=options["reason"],
                actor=actor,
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")

    def _list(self) -> None:
        rules = RuleVersion.objects.select_related("token").order_by("token__code", "-version")
        for rule in rules:
            told = " ".join(f"{name}={value}" for name, value in sorted(rule.parameters.items()))
            since = exact_text(rule.valid_from)
            self.stdout.write(f"{rule.token.code}\t{rule.version}\tfrom {since}\t{told}")


def _parameters(token: str, told: list[str]) -> dict[str, object]:
    """As the rule stores them: shares in basis points as whole numbers, the rest as texts."""
    found: dict[str, object] = {}
    for one in told:
        name, separator, value = one.partition("=")
        if not separator or name in found or name not in PARAMETERS[token]:
            wanted = ", ".join(PARAMETERS[token])
            raise CommandError(f"{one!r}: name each of {wanted} once, as NAME=VALUE.")
        found[name] = int(value) if token == DCT and value.isdecimal() else value
    return found


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("say the offset, such as 2026-12-01T00:00:00+00:00")
    return moment
