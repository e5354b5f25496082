"""Shows what a distribution would pay, and asks a second person for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.text.formats import plain_number
from treasury.models import BOOKS, POLICIES
from treasury.selectors.distributions import Preview, distribution_list
from treasury.services.distributing import distribution_propose, preview_now, told
from treasury.services.gates import distribution_hindrances


class Command(BaseCommand):
    help = (
        "show is a dry run: what would be paid now by a policy, line by line, and what stands in "
        "the way. propose asks a second person for just that (./manage.py second_person); its one "
        "entry has the key dist:BOOK:PERIOD:VERSION, so nothing is paid twice. list shows what "
        "was paid. Only what is sealed, realised and above losses and marks is paid."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        listing = verbs.add_parser("list", help="what was distributed, the newest first")
        showing = verbs.add_parser("show", help="a dry run")
        proposing = verbs.add_parser("propose", help="ask a second person")
        for verb in (listing, showing, proposing):
            verb.add_argument("--book", required=True, choices=BOOKS, help="of which book")
        for verb in (showing, proposing):
            verb.add_argument("--policy", required=True, choices=POLICIES, help="by which")
            verb.add_argument(
                "--period", metavar="PERIOD", help="2026-11 or 2026-11-30 (default: today)"
            )
        proposing.add_argument("--reason", required=True, help="why")
        as_user_add(proposing)

    def handle(self, *, verb: str, **options: Any) -> None:
        try:
            {"list": self._list, "show": self._show, "propose": self._propose}[verb](options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        for one in distribution_list(book=options["book"]):
            policy = f"{one.version.policy.code} version {one.version.version}"
            sealed = f"entry {one.entry_id}, sealed up to {one.cutoff_id}"
            self.stdout.write(f"{one.period}\t{policy}\t{sealed}")

    def _show(self, options: dict[str, Any]) -> None:
        preview = preview_now(
            book=options["book"], policy_code=options["policy"], period=_period(options)
        )
        self.stdout.write(f"{preview.idem_key}, up to entry {preview.cutoff.pk}")
        for line in told(preview):
            self.stdout.write(f"  {line}")
        self._lines(preview)
        for reason in distribution_hindrances(book=options["book"]):
            self.stdout.write(f"stands in the way: {reason}")

    def _lines(self, preview: Preview) -> None:
        if preview.draft is None:
            self.stdout.write("nothing to distribute")
            return
        for line in preview.draft.lines:
            amount = f"{plain_number(line.amount)} {line.currency}"
            self.stdout.write(f"  {line.account_code}\t{amount}")

    def _propose(self, options: dict[str, Any]) -> None:
        request = distribution_propose(
            book=options["book"],
            policy_code=options["policy"],
            period=_period(options),
            reason=options["reason"],
            actor=acting_user(options["as_user"]),
        )
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")


def _period(options: dict[str, Any]) -> str:
    return options["period"] or now().date().isoformat()
