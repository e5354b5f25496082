"""In whose name a command acts: `--as USER`, a member of staff who may do the same on the pages."""

from argparse import ArgumentParser

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from fusion_project.text.actors import actor_of_user


def as_user_add(parser: ArgumentParser) -> None:
    """Add the option; `acting_user` reads it."""
    parser.add_argument("--as", dest="as_user", metavar="USER", help="your login; it is recorded")


def acting_user(login: str | None, *permissions: str) -> str:
    """Return the actor. Raises CommandError where nobody is named or the person may not."""
    if not login:
        raise CommandError("Say who does it: --as USER, the login of a member of staff.")
    user = get_user_model().objects.filter(username=login, is_active=True, is_staff=True).first()
    if user is None:
        raise CommandError(f"There is no member of staff {login!r} who may sign in.")
    if not user.has_perms(permissions):
        raise CommandError(f"{login} may not do this: it needs {', '.join(permissions)}.")
    return actor_of_user(user.pk)
