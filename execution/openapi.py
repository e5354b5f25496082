"""The executor API as OpenAPI 3.1, generated from its messages and its errors."""

import json
from dataclasses import dataclass
from typing import Any, Final

from msgspec import Struct

from execution import errors
from execution.authentication import KEY_REFUSALS, SCOPE_MISSING
from execution.wire import Bars, Heartbeat, Hello, Poll, Reports, Wait
from execution.wire.answers import (
    BarsReply,
    ErrorReply,
    HeartbeatReply,
    HelloReply,
    PollReply,
    ReportsReply,
    WaitReply,
)
from execution.wire.schema import READ_ONE_BY_ONE, message_parts
from fusion_project.errors import DomainError
from fusion_project.front.refusals import BROKEN, BUSY, FAILED, LATE, LENGTH_REQUIRED, TOO_LARGE
from fusion_project.request_guard import UNAVAILABLE
from signals.errors import BarsRefused

_REF = "#/components/schemas/{name}"


@dataclass(frozen=True, slots=True)
class Call:
    """One endpoint: what it does, reads and answers, and what may refuse it beyond the common."""

    name: str
    summary: str
    request: type[Struct]
    reply: type[Struct]
    refusals: tuple[type[DomainError], ...]
    scope: str = ""
    is_also_get: bool = False


CALLS: Final = (
    Call(
        "hello",
        "First call of a run; the answer is what the executor begins with.",
        Hello,
        HelloReply,
        (errors.AccountMismatch, errors.InstanceConflict),
    ),
    Call(
        "poll",
        "Lease orders; the answer is the permit.",
        Poll,
        PollReply,
        (errors.InstanceConflict,),
        scope="orders:lease",
    ),
    Call(
        "reports",
        "Tell a batch of execution reports; each gets a verdict of its own.",
        Reports,
        ReportsReply,
        (errors.InstanceConflict,),
        scope="reports:write",
    ),
    Call(
        "heartbeat",
        "Tell what the terminal shows: money, positions, resting orders, quotes.",
        Heartbeat,
        HeartbeatReply,
        (errors.InstanceConflict, errors.HeartbeatOld),
        scope="telemetry:write",
    ),
    Call(
        "bars",
        "Tell closed bars; those that were told before count once.",
        Bars,
        BarsReply,
        (errors.InstanceConflict, BarsRefused),
        scope="telemetry:write",
    ),
    Call(
        "wait",
        "Be told when to poll: once there may be work, or after some seconds.",
        Wait,
        WaitReply,
        (errors.WaitUnavailable,),
        scope="orders:lease",
        is_also_get=True,
    ),
)
_READING: Final[tuple[type[errors.ExecutionError], ...]] = (
    errors.BodyTooLarge,
    errors.BodyUnreadable,
)
_FRONT: Final = (BROKEN, LATE, LENGTH_REQUIRED, TOO_LARGE, FAILED, BUSY)
_MEANING: Final = {
    400: "The body broke off.",
    401: "No key, or none that is live; every such refusal looks the same. Or the key signs its "
    "calls, and this one is not signed as it should be.",
    403: "The key lacks the scope.",
    408: "The body came too slowly.",
    409: "Another executor holds the account, the terminal is logged in elsewhere, or a later "
    "heartbeat was told.",
    411: "The length of the body is not told.",
    413: "The body is too large.",
    422: "The body cannot be read; `message` says where and why.",
    500: "A fault of the server. Nothing is known of what was stored; the same may be sent again.",
    503: "Not now; the same may be sent again.",
}


def openapi() -> dict[str, Any]:
    """Return the document."""
    kinds: list[type[Struct]] = [ErrorReply, *READ_ONE_BY_ONE]
    for call in CALLS:
        kinds += [call.request, call.reply]
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Executor API",
            "version": "1",
            "description": "What an executor speaks; docs/executor.md says how it is meant.",
        },
        "servers": [{"url": "/api/v1/executor"}],
        "security": [{"key": []}],
        "paths": {f"/{call.name}": _operations(call) for call in CALLS},
        "components": {
            "schemas": message_parts(kinds, _REF),
            "securitySchemes": {
                "key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Token <prefix>.<secret>`",
                }
            },
        },
    }


def openapi_text() -> str:
    """Return the document as the text of its file."""
    return json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n"


def error_codes(call: Call) -> dict[int, list[str]]:
    """Return the codes of each status that the call may answer with beside 200."""
    told = [(one.status, one.code) for one in (*_READING, *call.refusals)]
    told += [(one.status, one.code) for one in _FRONT]
    told += [(401, code) for code in KEY_REFUSALS]
    told += [(one.status, one.code) for one in errors.SIGNATURE_ERRORS]
    told += [(503, str(UNAVAILABLE["code"]))]
    if call.scope:
        told.append((403, SCOPE_MISSING))
    found: dict[int, set[str]] = {}
    for status, code in told:
        found.setdefault(status, set()).add(code)
    return {status: sorted(codes) for status, codes in sorted(found.items())}


def _operations(call: Call) -> dict[str, Any]:
    """The call by POST, and by GET where its members may also stand in the query."""
    posted = _operation(call)
    if not call.is_also_get:
        return {"post": posted}
    members = message_parts([call.request], _REF)[call.request.__name__]["properties"]
    asked = {name: value for name, value in posted.items() if name != "requestBody"}
    asked["operationId"] = f"{call.name}_by_get"
    asked["parameters"] = [
        {"name": name, "in": "query", "schema": schema} for name, schema in members.items()
    ]
    return {"get": asked, "post": posted}


def _operation(call: Call) -> dict[str, Any]:
    needs = f" Needs the scope `{call.scope}`." if call.scope else ""
    return {
        "operationId": call.name,
        "summary": call.summary,
        "description": f"{call.summary}{needs}",
        "requestBody": {"required": True, "content": _json(call.request)},
        "responses": {
            "200": {"description": "Done.", "content": _json(call.reply)},
            **{str(status): _error(status, codes) for status, codes in error_codes(call).items()},
        },
    }


def _error(status: int, codes: list[str]) -> dict[str, Any]:
    told = {"allOf": [_schema(ErrorReply), {"properties": {"code": {"enum": codes}}}]}
    answer: dict[str, Any] = {
        "description": _MEANING[status],
        "content": {"application/json": {"schema": told}},
    }
    if status == BUSY.status:
        seconds = {"schema": {"type": "string", "pattern": "^[0-9]{1,3}$"}}
        answer["headers"] = {"Retry-After": {**seconds, "description": "Seconds to wait."}}
    return answer


def _json(kind: type[Struct]) -> dict[str, Any]:
    return {"application/json": {"schema": _schema(kind)}}


def _schema(kind: type[Struct]) -> dict[str, str]:
    return {"$ref": _REF.format(name=kind.__name__)}
