"""Bytes → requests, strictly; whatever cannot be read is a `WireError` with its place."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from execution.wire.fields import plain_text, text_convert
from execution.wire.requests import (
    DEAL_DELETED_KIND,
    DEAL_REPORT_KINDS,
    KINDS_OF_MINOR_0,
    ExecutionReport,
    Heartbeat,
    Hello,
)
from execution.wire.sheets import Sheet

BODY_BYTES_MAX = 262_144
# 5 000 positions with their stops, 1 000 resting orders and a quote of each symbol; 2 000 sheets.
TELLING_BYTES_MAX = 2_097_152
NAME_MAX = 64
REASON_MAX = 200

Body = TypeVar("Body")


class WireError(ValueError):
    """The body cannot be read; the text says where and why."""


def body_bytes_max(kind: type[object]) -> int:
    """Return how many bytes a request of this kind may have."""
    return TELLING_BYTES_MAX if kind in (Hello, Heartbeat) else BODY_BYTES_MAX


def body_read(raw: bytes, kind: type[Body]) -> Body:
    """Read a request body. Raises WireError, also for what is nested too deeply."""
    try:
        return msgspec.json.decode(raw, type=kind, dec_hook=text_convert)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(str(error) or "the body cannot be read") from error


def body_of(kind: type[Body], /, **members: Any) -> Body:
    """Make a message from plain JSON values, as strictly as one is read. Raises WireError."""
    try:
        return msgspec.convert(members, kind, dec_hook=text_convert)
    except msgspec.ValidationError as error:
        raise WireError(str(error)) from error


def report_read(raw: bytes, minor: int = 0) -> tuple[ExecutionReport, str]:
    """Read one report of a batch from an executor of this minor, and return it with its text.

    Raises WireError.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise WireError("the report is not UTF-8") from error
    report = body_read(raw, ExecutionReport)
    if minor > 0 and report.kind in KINDS_OF_MINOR_0:
        raise WireError(f"kind {report.kind!r} ended with minor 0: tell a deal, or a heartbeat")
    return report, text


def sheets_read(raws: Sequence[msgspec.Raw]) -> tuple[list[Sheet], list[tuple[str, str]]]:
    """Read the sheets of a hello; also (symbol, reason) of each that cannot be read."""
    sheets, refused = [], []
    for raw in raws:
        try:
            sheets.append(body_read(bytes(raw), Sheet))
        except WireError as error:
            refused.append((_name_guess(bytes(raw), "symbol"), str(error)[:REASON_MAX]))
    return sheets, refused


def report_id_guess(raw: bytes) -> str:
    """Return the id of a report that cannot be read whole, or an empty text."""
    return _name_guess(raw, "report_id")


def report_tells_deal(raw: bytes) -> bool:
    """Whether a report that cannot be read whole is about a deal."""
    found = _object_guess(raw)
    return "deal" in found or found.get("kind") in (*DEAL_REPORT_KINDS, DEAL_DELETED_KIND)


def _name_guess(raw: bytes, member: str) -> str:
    name = _object_guess(raw).get(member)
    return plain_text(name)[:NAME_MAX] if isinstance(name, str) else ""


def _object_guess(raw: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
