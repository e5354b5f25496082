"""Tries to post the deals that are in quarantine, after a rule for them was added."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from fusion_project.admin.acting import acting_user, as_user_add
from treasury.selectors.completeness import deals_quarantined
from treasury.services.deals import deals_post_again

LISTED_MAX = 50


class Command(BaseCommand):
    help = (
        "Post the deals in quarantine again: those that the posting rules know by now get their "
        "entries. What stays is listed with its reason. Running it twice posts nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        actor = acting_user(options["as_user"])
        before = deals_quarantined().count()
        left = deals_post_again(actor=actor)
        self.stdout.write(f"posted again: {before - left} of {before}")
        for one in deals_quarantined()[:LISTED_MAX]:
            deal = f"deal {one.deal.ticket}.{one.deal.revision} of {one.deal.account.login}"
            self.stdout.write(f"{deal}\t{one.reason}")
