"""Shows how much each lobe version counts, and changes it."""

from __future__ import annotations

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.errors import DomainError
from signals.models import LobeWeight
from signals.services.weights import lobe_weight_set


class Command(BaseCommand):
    help = (
        "Without arguments it lists every weight that lobe versions ever had, the newest first; "
        "one that is not listed counts as 1. With a lobe, its version and a weight from 0 to 1 "
        "it appends that weight: later decisions go by it, decided ones stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("lobe", nargs="?", help="such as track_record")
        parser.add_argument("lobe_version", nargs="?", help="as its opinions name it")
        parser.add_argument("weight", nargs="?", help="0 silences it")

    def handle(self, **options: Any) -> None:
        lobe, lobe_version, weight = (options[one] for one in ("lobe", "lobe_version", "weight"))
        if lobe is not None:
            if weight is None:
                raise CommandError("Name the lobe, its version and the weight.")
            try:
                lobe_weight_set(
                    lobe=lobe, lobe_version=lobe_version, weight=Decimal(weight), actor="system"
                )
            except (DomainError, InvalidOperation) as error:
                raise CommandError(str(error) or f"{weight!r} is no number.") from error
        for row in LobeWeight.objects.all():
            began = f"{row.valid_from:%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(
                f"{row.lobe} {row.lobe_version}\t{row.weight.normalize():f}\t{began}\t{row.actor}"
            )
