"""Lists what waits for a second person, confirms and withdraws it."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.second_person.models import Request
from fusion_project.second_person.services import (
    request_confirm,
    request_get,
    request_withdraw,
)
from fusion_project.second_person.states import OPEN
from fusion_project.text.actors import user_id_of
from fusion_project.text.formats import second_text

LISTED_MAX = 50


class Command(BaseCommand):
    help = (
        "What needs two people waits here: asked by one, confirmed by another (or by the same "
        "after ten minutes where SECOND_PERSON=cool_off). list shows what waits, with --all also "
        "what has ended; confirm and withdraw take the number that list prints."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        listing = verbs.add_parser("list", help="what waits for a second person")
        listing.add_argument("--all", action="store_true", help="also what has ended, newest first")
        confirming = verbs.add_parser("confirm", help="confirm a request; it is then carried out")
        withdrawing = verbs.add_parser("withdraw", help="end a request that is not carried out yet")
        for one in (confirming, withdrawing):
            one.add_argument("number", type=int, help="the request's number")
            as_user_add(one)
        withdrawing.add_argument("--reason", default="", help="why")

    def handle(self, **options: Any) -> None:
        try:
            if options["verb"] == "list":
                self._list(everything=options["all"])
            else:
                self._decide(options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _decide(self, options: dict[str, Any]) -> None:
        actor, number = acting_user(options["as_user"]), options["number"]
        if options["verb"] == "withdraw":
            request_withdraw(request_id=number, actor=actor, reason=options["reason"])
            self.stdout.write(f"Request {number} is withdrawn.")
            return
        shown = request_get(number)
        self.stdout.write(shown.words)
        request_confirm(request_id=number, payload_sha256=shown.payload_sha256, actor=actor)
        self.stdout.write(f"Request {number} is confirmed.")

    def _list(self, *, everything: bool) -> None:
        rows = Request.objects.order_by("-id")
        found = list((rows if everything else rows.filter(state__in=OPEN))[:LISTED_MAX])
        for row in found:
            asked = f"asked by {_name(row.requester)} at {second_text(row.asked_at)} UTC"
            self.stdout.write(f"{row.pk}\t{row.state}\t{row.words}\t{asked}: {row.reason}")
        if not found:
            self.stdout.write("Nothing waits for a second person.")


def _name(actor: str) -> str:
    person = get_user_model().objects.filter(id=user_id_of(actor) or 0).first()
    return person.get_username() if person else actor
