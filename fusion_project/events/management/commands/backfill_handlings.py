"""Gives handlers that were added later the events of the past."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.events.registry import handler_list
from fusion_project.events.services import handlings_backfill


class Command(BaseCommand):
    help = "Make a handling for every past event that a registered handler does not have yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--handler", help="only this one, e.g. treasury.post_deals")

    def handle(self, **options: Any) -> None:
        known = [handler.name for handler in handler_list()]
        wanted = [options["handler"]] if options["handler"] else known
        for name in wanted:
            if name not in known:
                raise CommandError(f"No handler is named {name}. Known: {', '.join(known)}")
            self._backfill(name)

    def _backfill(self, name: str) -> None:
        added = 0
        for end, last, count in handlings_backfill(handler_name=name):
            added += count
            if self.stdout.isatty():
                self.stdout.write(f"\r{name}: event {end} of {last}", ending="")
        self.stdout.write(f"{name}: {added} added")
