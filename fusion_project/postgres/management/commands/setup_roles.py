"""Gives the app's database role exactly the rights it needs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from fusion_project.postgres.grants import APP_ROLE, grants_apply


class Command(BaseCommand):
    help = (
        "Set the rights of the app's database role after a migration. Idempotent; run it as the "
        "owner (DATABASE_ROLE=owner)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default=APP_ROLE, help=f"default: {APP_ROLE}")

    def handle(self, **options: Any) -> None:
        try:
            with transaction.atomic():
                count = grants_apply(role=options["role"])
        except LookupError as error:
            raise CommandError(
                f"{error}. Create it first: CREATE ROLE {options['role']} LOGIN PASSWORD '…';"
            ) from error
        self.stdout.write(f"Rights of {options['role']} set on {count} tables.")
