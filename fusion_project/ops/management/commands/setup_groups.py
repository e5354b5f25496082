"""Creates or repairs the staff groups viewer, reviewer, ops, auditor and keykeeper."""

from django.core.management.base import BaseCommand

from fusion_project.ops.services.roles import roles_ensure


class Command(BaseCommand):
    """Prints each group with the number of its permissions."""

    help = (
        "Create the staff groups viewer, reviewer, ops, auditor and keykeeper, or set their "
        "permissions back to the table in fusion_project/ops/roles.py. Members stay as they are."
    )

    def handle(self, *args: object, **options: object) -> None:
        for role, count in roles_ensure().items():
            self.stdout.write(f"{role}: {count} permissions")
