"""In whose name something is done: the forms that an actor has. Written and checked here alone."""

import re
from typing import Final

# Rules and commands; a person; an executor's key; a handler; a strategy's alerts.
SYSTEM: Final = "system"
_FORMS: Final = (
    SYSTEM,
    "user:[1-9][0-9]*",
    "executor:[0-9a-f]{12}",
    "handler:[a-z_]+[.][a-z0-9_]+",
    "strategy:[-a-zA-Z0-9_]{1,64}",
)
# POSIX and Python read it alike. Tables hold it too: `fusion_project.events.actors`.
ACTOR_FORM: Final = f"^({'|'.join(_FORMS)})$"
_USER: Final = "user:"


class ActorUnknown(ValueError):
    """What is given as an actor has none of the forms."""


def actor_check(actor: str) -> str:
    """Return the actor, or raise ActorUnknown."""
    if actor.endswith("\n") or re.match(ACTOR_FORM, actor) is None:
        raise ActorUnknown(
            f"an actor is system, user:…, executor:…, handler:… or strategy:…, was {actor!r}"
        )
    return actor


def actor_of_user(user_id: int | None) -> str:
    """A person, by the number of the account: names change. Nobody's is refused: ActorUnknown."""
    return actor_check(f"{_USER}{user_id}")


def user_id_of(actor: str) -> int | None:
    """The account's number where a person acted."""
    number = actor.removeprefix(_USER)
    return int(number) if actor.startswith(_USER) and number.isdigit() else None


def actor_of_handler(name: str) -> str:
    """A handler, by its registered name."""
    return actor_check(f"handler:{name}")
