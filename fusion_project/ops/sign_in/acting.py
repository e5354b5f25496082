"""In whose name something is changed: the person of the request at hand, or the system."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest

from fusion_project.text.actors import actor_of_user

_request: ContextVar[HttpRequest | None] = ContextVar("acting_request", default=None)


@contextmanager
def acting_for(request: HttpRequest) -> Iterator[None]:
    """Inside, changes are made by the user of this request."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def actor_now() -> str:
    """`user:<id>` inside a request of somebody who is signed in, else `system`."""
    user = getattr(_request.get(), "user", None)
    return actor_of_user(user.pk) if user is not None and user.pk else "system"
