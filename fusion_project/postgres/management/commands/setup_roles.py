"""Closes the database to everybody and gives the app's role exactly the rights it needs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, transaction

from fusion_project.postgres.closing.checking import faults_repair
from fusion_project.postgres.closing.ours import NotMigrated, roles_find
from fusion_project.postgres.grants import APP_ROLE


class Command(BaseCommand):
    help = (
        "Set the rights of the app's database role after a migration, and close what is ours to "
        "everybody else. Idempotent; run it as the owner (DATABASE_ROLE=owner). "
        "./manage.py check_database shows what it would change."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default=APP_ROLE, help=f"default: {APP_ROLE}")
        parser.add_argument(
            "--if-exists",
            action="store_true",
            help="close the database also where the role is missing: the app then has to connect "
            "as the owner, which is for a machine of one's own",
        )

    def handle(self, **options: Any) -> None:
        role = options["role"]
        try:
            with transaction.atomic():
                roles = roles_find(role)
                if roles.app is None and not options["if_exists"]:
                    raise CommandError(
                        f"the database has no role {role}. Create it first: "
                        f"CREATE ROLE {role} LOGIN PASSWORD '…';"
                    )
                repaired, left = faults_repair(roles)
        except NotMigrated as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"nothing was changed: {error}. Try again.") from error
        for fault in repaired if options["verbosity"] > 1 else ():
            self.stdout.write(f"was: {fault.what}")
        self.stdout.write(f"Rights of {roles.app or roles.owner}: {len(repaired)} put right.")
        for fault in left:
            self.stderr.write(str(fault))
        if any(fault.repairs for fault in left):
            raise CommandError("Not all could be put right; ./manage.py check_database shows it.")
