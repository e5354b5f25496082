"""The webhook's HTTP edge: bytes in, receipt out. Everything else is `services.receiving`."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import InternalError, OperationalError
from django.http.request import HttpRequest, UnreadablePostError
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fusion_project.admin.links import LIFE_LINE, page_address
from fusion_project.logs import trace_set
from signals.intake.parsing import Message
from signals.intake.peers import is_in_networks, is_trusted_proxy, peer_address
from signals.intake.provenance import certificate_holds
from signals.intake.signatures import headers_read
from signals.services.receiving import Answer, RawRequest, delivery_receive

CONTENT_TYPE_LENGTH_MAX: Final = 120


class IgnoreAccept(BaseContentNegotiation):
    """Senders cannot set headers, so whatever they send as `Accept` gets JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class TradingViewHook(APIView):
    """`POST /hooks/tradingview/<strategy>/<secret>`: one alert message in the body.

    Answers 202 new, 200 duplicate or refused by rule, 400/413/422 unreadable, 401 bad secret, 429
    where a peer sends many without a valid secret, and 503 only where it could not be stored, which
    is the sender's invitation to try again.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = IgnoreAccept
    http_method_names = ["post"]

    def post(self, request: Request, strategy: str, secret: str = "") -> Response:
        """Receive one delivery."""
        limit = settings.WEBHOOK_BODY_BYTES_MAX
        raw = _raw_request(request._request, strategy, secret, limit)
        try:
            answer = delivery_receive(request=raw, unknown_max=settings.UNKNOWN_CALLERS_PER_MINUTE)
        except InternalError as error:
            # A server that is starting, or read-only: it cannot store, and a resend may succeed.
            raise OperationalError("Postgres cannot store now") from error
        return _response(answer)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep Django from logging a 4xx by its path: the path holds the secret."""
        response._has_been_logged = True
        return super().finalize_response(request, response, *args, **kwargs)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Say what to do instead."""
        raise MethodNotAllowed(request.method or "", detail="Send the alert with POST.")


def _raw_request(request: HttpRequest, strategy: str, secret: str, limit: int) -> RawRequest:
    body, is_whole = _body_read(request, limit)
    meta = request.META
    remote, proxies = meta.get("REMOTE_ADDR", ""), settings.TRUSTED_PROXY_ADDRESSES
    count = settings.TRUSTED_PROXY_COUNT
    peer = peer_address(remote, meta.get("HTTP_X_FORWARDED_FOR", ""), count, proxies)
    return RawRequest(
        slug=strategy,
        secret=secret,
        message=Message(body[:limit], limit),
        is_too_large=len(body) > limit,
        is_whole=is_whole,
        content_type=_header_text(meta.get("CONTENT_TYPE", "")),
        peer=peer,
        is_listed_peer=is_in_networks(peer, settings.TRADINGVIEW_ADDRESSES),
        has_client_certificate=is_trusted_proxy(remote, count, proxies) and _certificate(request),
        signature=headers_read(
            meta.get("HTTP_WEBHOOK_ID", ""),
            meta.get("HTTP_WEBHOOK_TIMESTAMP", ""),
            meta.get("HTTP_WEBHOOK_SIGNATURE", ""),
        ),
    )


def _body_read(request: HttpRequest, limit: int) -> tuple[bytes, bool]:
    """Return the body up to one byte beyond the limit, and whether it came whole.

    A connection that breaks looks to us like a body that ends: only the declared length tells them
    apart. An order that was cut off may still make sense, without its stop for one.
    """
    try:
        body = request.read(limit + 1)
    except UnreadablePostError:
        return b"", False
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return body, False
    declared = request.META.get("CONTENT_LENGTH") or "0"
    return body, declared.isdecimal() and len(body) >= min(int(declared), limit + 1)


def _certificate(request: HttpRequest) -> bool:
    """Whether the proxy says that it verified TradingView's client certificate."""
    if not settings.CLIENT_CERTIFICATE_SUBJECT_HEADER:
        return False
    return certificate_holds(
        request.headers.get(settings.CLIENT_CERTIFICATE_SUBJECT_HEADER, ""),
        request.headers.get(settings.CLIENT_CERTIFICATE_VERIFIED_HEADER, ""),
    )


def _header_text(value: str) -> str:
    return value.encode("ascii", "replace").decode().replace("\0", "?")[:CONTENT_TYPE_LENGTH_MAX]


def _response(answer: Answer) -> Response:
    receipt = answer.receipt
    if receipt is not None and receipt.trace_id:
        trace_set(receipt.trace_id)
    wait = answer.retry_after_seconds
    return Response(
        {
            "receipt": receipt.delivery_id if receipt else None,
            "alert_id": receipt.alert_id if receipt else None,
            "trace_id": receipt.trace_id if receipt else None,
            "verdict": answer.verdict,
            "reason": answer.reason,
            "message": answer.message,
            "order_rule": answer.order_rule,
            "life_line": page_address(LIFE_LINE, receipt.trace_id)
            if receipt and receipt.trace_id
            else None,
        },
        status=answer.status,
        headers={"Retry-After": str(wait)} if wait else None,
    )
