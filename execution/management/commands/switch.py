"""Shows the switches, stops entries, and asks a second person to allow them again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import target_named, target_text
from execution.rules.switches import STATES, Target
from execution.selectors.switches import switch_list
from execution.services.switches import switch_set
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import second_text


class Command(BaseCommand):
    help = (
        "A switch stops entries: reducing lets none through, halted also cancels those that rest "
        "at the broker. Exits pass whatever stands here. One person stops, at once; to allow more "
        "than now is asked of a second person (manage.py second_person)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        verbs.add_parser("list", help="every switch that was ever turned, as it stands")
        setting = verbs.add_parser("set", help="turn a switch, or ask for it")
        setting.add_argument("target", help="all, account:LOGIN, strategy:SLUG or instrument:NAME")
        setting.add_argument("state", choices=STATES, help="what it allows")
        setting.add_argument("--reason", required=True, help="why, for those who come after")
        as_user_add(setting)

    def handle(self, **options: Any) -> None:
        if options["verb"] == "list":
            self._list()
            return
        target = target_named(options["target"])
        try:
            actor = acting_user(options["as_user"])
            said = {"state": options["state"], "reason": options["reason"], "actor": actor}
            self.stdout.write(switch_set(target=target, **said))
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _list(self) -> None:
        rows = switch_list()
        for row in rows:
            named = target_text(Target(row.scope, row.key))
            since = f"since {second_text(row.at)} UTC"
            self.stdout.write(f"{named}\t{row.state}\t{since}\t{row.actor}\t{row.reason}")
        if not rows:
            self.stdout.write("No switch was ever turned: entries are allowed everywhere.")
