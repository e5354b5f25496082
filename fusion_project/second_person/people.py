"""Who acts: members of staff who may sign in, as actors of the log."""

from argparse import ArgumentParser

from django.contrib.auth import get_user_model

from fusion_project.second_person.errors import PersonUnknown
from fusion_project.text.actors import actor_of_user, user_id_of

AS_USER = "as_user"


def person_check(actor: str) -> str:
    """Return the actor where it is a person of the staff; raises PersonUnknown."""
    user_id = user_id_of(actor)
    people = get_user_model().objects.filter(is_active=True, is_staff=True)
    if user_id is None or not people.filter(id=user_id).exists():
        raise PersonUnknown(f"{actor} is nobody of the staff who may sign in.", actor=actor)
    return actor


def person_named(username: str) -> str:
    """Return the actor of a member of staff by name; raises PersonUnknown."""
    people = get_user_model().objects.filter(is_active=True, is_staff=True, username=username)
    found = people.values_list("id", flat=True).first()
    if found is None:
        raise PersonUnknown(f"There is nobody named {username} on the staff who may sign in.")
    return actor_of_user(found)


def as_user_add(parser: ArgumentParser, *, required: bool = True) -> None:
    """Add `--as USER` to a command: in whose name it acts. The shell is trusted with it."""
    parser.add_argument(
        "--as",
        dest=AS_USER,
        metavar="USER",
        required=required,
        help="the member of staff in whose name this is done",
    )
