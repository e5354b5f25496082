"""Executor keys on the wire: `Authorization: Token <prefix>.<secret>`, and signed calls."""

import hmac
from datetime import datetime
from typing import cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from execution.models import ExecutorKey
from execution.rules.messages import ExecutorCaller
from execution.rules.signing import NONCE_HEADER, SIGNATURE_HEADER, TIME_HEADER
from execution.services.keys import key_touch, secret_sha256
from execution.services.signing import SignedCall, signature_check
from fusion_project.events.clock import now

KEY_LENGTH_MAX = 200
KEY_MISSING, KEY_REFUSED = KEY_REFUSALS = ("key_missing", "key_refused")
SCOPE_MISSING = "scope_missing"
# Compared when no such prefix exists, so that both refusals do the same work.
NO_KEY_SHA256 = "0" * 64


class ExecutorKeyAuthentication(BaseAuthentication):
    """Sets `request.user` to the ExecutorCaller behind a live key; every refusal looks the same.

    What a missing or wrong signature is refused for is said plainly: who gets there has the key.
    """

    def authenticate(self, request: Request) -> tuple[ExecutorCaller, str]:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        prefix, dot, secret = text.strip().partition(".")
        if scheme.lower() != "token" or not dot or len(text) > KEY_LENGTH_MAX:
            raise AuthenticationFailed("send Authorization: Token <key>", code=KEY_MISSING)
        readable = prefix.isascii() and prefix.isprintable()
        key = ExecutorKey.objects.filter(prefix=prefix).first() if readable else None
        expected = key.sha256 if key else NO_KEY_SHA256
        given = secret_sha256(secret.encode("utf-8", "replace").decode())
        moment = now()
        if not hmac.compare_digest(expected, given) or key is None or not _is_live(key, moment):
            raise AuthenticationFailed("this key is not valid", code=KEY_REFUSED)
        if key.is_signed:
            signature_check(key=key, call=_signed_call(request), moment=moment)
        key_touch(key=key, at=moment)
        return _caller(key), key.prefix

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class HasScope(BasePermission):
    """The view's `scope` must be among the key's."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        scope = getattr(view, "scope", "")
        caller = cast(ExecutorCaller, request.user)
        if scope and scope not in caller.scopes:
            raise PermissionDenied(f"this key lacks the scope {scope}", code=SCOPE_MISSING)
        return True


def _caller(key: ExecutorKey) -> ExecutorCaller:
    return ExecutorCaller(key.id, key.prefix, key.account_id, tuple(key.scopes), key.instance)


def _signed_call(request: Request) -> SignedCall:
    told = request._request
    return SignedCall(
        method=told.method or "",
        path=told.get_full_path(),
        time_msc=request.headers.get(TIME_HEADER, ""),
        nonce=request.headers.get(NONCE_HEADER, ""),
        signature=request.headers.get(SIGNATURE_HEADER, ""),
        body=told.body,
    )


def _is_live(key: ExecutorKey, moment: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > moment)
