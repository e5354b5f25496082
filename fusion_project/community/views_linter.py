"""The public linter: paste an alert message, see what it means. Nothing of it is stored."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from fusion_project.events.clock import now
from signals.intake.parsing import BODY_BYTES_MAX
from signals.intake.peers import peer_address
from signals.lint.judging import lint
from signals.lint.report import message_bytes, report_of
from signals.services.peer_limits import peer_take

# A form writes a byte as three characters at most; beyond that nothing is read.
FORM_BYTES_MAX: Final = 3 * BODY_BYTES_MAX + 1_024
# Messages that one visitor may have judged in a minute.
PER_MINUTE_MAX: Final = 60
EXAMPLES: Final = {
    "entry": (
        "An entry with stop and target",
        '{"ticker": "EURUSD", "action": "buy", "signalPrice": 1.0842, "quantity": 10000,'
        ' "stopLoss": {"type": "stop", "stopPrice": 1.0812},'
        ' "takeProfit": {"limitPrice": 1.0902}}',
    ),
    "sentence": (
        "TradingView's default sentence",
        "MACD Strategy (12, 26, 9): order buy @ 10000 filled on EURUSD."
        " New strategy position is 10000",
    ),
    "comma": ("Comma text", "60123456789,closelongpct,NAS100,partial_close_pct=50"),
    "refused": ("One that is refused", "60123456789,buy,EURUSD,vol_lots=1,risk=1"),
}


# Nothing changes and no cookie is set, so there is nothing a forged form could do: a CSRF mark
# would only cost the visitor a cookie.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def alert_linter(request: HttpRequest) -> HttpResponse:
    own: dict[str, Any] = {"place": "linter", "examples": EXAMPLES, "bytes_max": BODY_BYTES_MAX}
    if request.method != "POST":
        _, own["text"] = EXAMPLES.get(request.GET.get("example", ""), ("", ""))
        return render(request, "community/alert_linter.html", own)
    if _size(request) > FORM_BYTES_MAX:
        own["is_too_large"] = True
        return render(request, "community/alert_linter.html", own, status=413)
    own["text"] = request.POST.get("message", "")
    if wait_seconds := _seconds_to_wait(request):
        answer = render(
            request,
            "community/alert_linter.html",
            {**own, "wait_seconds": wait_seconds},
            status=429,
        )
        answer["Retry-After"] = str(wait_seconds)
        return answer
    own["judged_at"] = now()
    own["report"] = report_of(lint(message_bytes(own["text"]), now=own["judged_at"]))
    return render(request, "community/alert_linter.html", own)


def _seconds_to_wait(request: HttpRequest) -> int:
    peer = peer_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXY_COUNT,
        settings.TRUSTED_PROXY_ADDRESSES,
    )
    return peer_take(place="linter", peer=peer, per_minute_max=PER_MINUTE_MAX)


def _size(request: HttpRequest) -> int:
    raw = request.META.get("CONTENT_LENGTH") or "0"
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 12 else FORM_BYTES_MAX + 1
