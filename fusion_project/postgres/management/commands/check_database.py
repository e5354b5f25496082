"""Proves from the catalogue that the database is closed; for people, cron and deployments."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.postgres.closing.checking import faults_find
from fusion_project.postgres.closing.ours import NotMigrated, roles_find
from fusion_project.postgres.grants import APP_ROLE


class Command(BaseCommand):
    help = (
        "Check that only our roles reach what is ours: grants, default privileges, row security, "
        "the app's rights, triggers. Changes nothing, any role may run it. One line for each "
        "fault, with what to run. Exit code 1 when something is found."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--role", default=APP_ROLE, help=f"the app's role, where the owner asks ({APP_ROLE})"
        )

    def handle(self, **options: Any) -> None:
        try:
            faults = faults_find(roles_find(options["role"]))
        except NotMigrated as error:
            raise CommandError(str(error)) from error
        for fault in faults:
            self.stdout.write(str(fault))
        if faults:
            raise CommandError(f"{len(faults)} faults", returncode=1)
        self.stdout.write("database closed")
