"""Who acts by a command: a member of staff, by name, as on the pages."""

from argparse import ArgumentParser

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from fusion_project.text.actors import actor_of_user


def as_add(parser: ArgumentParser) -> None:
    """Add the option that names who acts."""
    parser.add_argument("--as", dest="user", metavar="USER", help="the member of staff who acts")


def actor_of_name(name: str | None) -> str:
    """Return the actor of a member of staff. Raises CommandError."""
    if not name:
        raise CommandError("Say who acts: --as USER.")
    user = get_user_model().objects.filter(username=name, is_active=True, is_staff=True).first()
    if user is None:
        raise CommandError(f"{name!r} is no active member of staff.")
    return actor_of_user(user.pk)
