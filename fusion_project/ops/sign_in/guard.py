"""django-axes with our way of counting: it asks here before a password is compared, and after."""

import ipaddress
import logging
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.http import HttpRequest

from fusion_project.events import names
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of, subject_prefix
from fusion_project.ops.sign_in.tries import NAME_LENGTH_MAX, Try, try_forgive, try_take
from signals.intake.peers import limit_key, peer_address

logger = logging.getLogger("fusion.sign_in")
# Refused sign-ins of one user, or of names that nobody has, which the log keeps in a minute.
TOLD_PER_MINUTE_MAX = 10


def caller_address(request: HttpRequest) -> str:
    """The address that counts: the real peer's, for IPv6 the first of its /64 network."""
    peer = peer_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXY_COUNT,
        settings.TRUSTED_PROXY_ADDRESSES,
    )
    key = limit_key(peer) or "0.0.0.0"  # noqa: S104 - nobody's address, not one to listen on
    return str(ipaddress.ip_network(key).network_address)


class SignInGuard(AxesDatabaseHandler):  # type: ignore[misc]
    """What django-axes calls; its tables, its backend and its commands stay as they are."""

    def is_allowed(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        name = str((credentials or {}).get("username") or "")
        request.sign_in_try = try_take(name=name, address=request.axes_ip_address)
        return bool(request.sign_in_try.is_allowed)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """A password that was not compared is no news: the lock has been told."""
        tried: Try | None = getattr(request, "sign_in_try", None)
        if tried is not None and tried.is_allowed:
            _refused_record(str(credentials.get("username") or ""), request.axes_ip_address, tried)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        try_forgive(name=user.get_username(), address=request.axes_ip_address)

    def user_logged_out(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        """Nothing is counted; `following` records it."""


def _refused_record(name: str, address: str, tried: Try) -> None:
    """A name that nobody has is not written down: it may be a password in the wrong field."""
    model = get_user_model()
    found = model.objects.filter(username=name[:NAME_LENGTH_MAX]).values_list("pk", flat=True)
    user_id = found.first()
    subject = subject_of(model, user_id) if user_id else f"{subject_prefix(model)}unknown"
    is_locked = tried.locked_until is not None
    logger.warning("sign-in refused", extra={"subject": subject, "peer": address})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT signals_peer_take(%s, 1, %s)", [f"sign-in {subject}", TOLD_PER_MINUTE_MAX]
            )
            is_told = cursor.fetchone()[0] == 0
        if is_told:
            record(
                names.SESSION_REFUSED,
                subject=subject,
                trace_id="",
                actor="system",
                detail={"address": address, "locked": is_locked},
            )
