"""`/healthz` and `/readyz`: for supervisors and monitors, without login."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from fusion_project.ops.health import parts_check


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; it asks nothing else, so a lost database does not restart it."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where all required parts are fine, else 503; every part is named with its note."""
    parts = parts_check()
    is_ready = all(part.is_fine for part in parts if part.required)
    is_whole = all(part.is_fine for part in parts)
    status = "ready" if is_whole else ("degraded" if is_ready else "not_ready")
    body = {
        "status": status,
        "parts": {
            part.name: {"ok": part.is_fine, "required": part.required, "note": part.note}
            for part in parts
        },
    }
    return JsonResponse(body, status=200 if is_ready else 503)
