"""Passwords: one that another person set must be changed, and not for the same one."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open
from fusion_project.ops.models import PasswordChangeDue
from fusion_project.text.actors import actor_of_user

_for_oneself: ContextVar[bool] = ContextVar("password_for_oneself", default=False)


@contextmanager
def for_oneself() -> Iterator[None]:
    """Inside, the command line sets passwords of whoever runs it, such as the demo's."""
    token = _for_oneself.set(True)
    try:
        yield
    finally:
        _for_oneself.reset(token)


class AnotherPassword:
    """A validator for `AUTH_PASSWORD_VALIDATORS`."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is not None and user.pk and check_password(password, user.password):
            raise ValidationError("This is the password that you have. Choose another one.")

    def get_help_text(self) -> str:
        return "Your password must differ from the one before."


def password_changed(user: Any, *, actor: str, is_new_user: bool) -> None:
    """Record it, in the transaction at hand; where another person set it, see that it changes.

    The command line that makes a user is whoever that user is; one that sets the password of a user
    who is there already is another person.
    """
    subject = subject_of(type(user), user.pk)
    by_command_of_ones_own = actor == "system" and (is_new_user or _for_oneself.get())
    is_own = actor == actor_of_user(user.pk) or by_command_of_ones_own
    is_usable = user.has_usable_password()
    record(
        names.PASSWORD_CHANGED,
        subject=subject,
        trace_id="",
        actor=actor,
        detail={"own": is_own, "usable": is_usable},
    )
    if is_own or not is_usable:
        PasswordChangeDue.objects.filter(user=user).delete()
        return
    PasswordChangeDue.objects.update_or_create(user=user, defaults={"set_at": now()})
    incident_open(
        kind=kinds.PASSWORD_IMPOSED,
        subject=subject,
        note=f"{actor} set the password of {subject}. Until it is changed both know it.",
    )


def password_change_is_due(user: Any) -> bool:
    """Whether this user may see nothing but the page that changes the password."""
    return PasswordChangeDue.objects.filter(user=user).exists()
