"""Structs → JSON, as the wire writes it: numbers and tickets as text, times in UTC."""

from typing import Any

import msgspec

from execution.wire.answers import (
    BarsReply,
    ErrorReply,
    HeartbeatReply,
    HelloReply,
    PollReply,
    ReportsReply,
    WaitReply,
)
from execution.wire.fields import text_write

Answer = HelloReply | PollReply | ReportsReply | HeartbeatReply | WaitReply | BarsReply | ErrorReply


def body_write(body: msgspec.Struct) -> bytes:
    """Return the JSON of a message."""
    return msgspec.json.encode(body, enc_hook=text_write)


def answer_plain(answer: Answer) -> dict[str, Any]:
    """Return the answer as plain JSON values."""
    plain: dict[str, Any] = msgspec.to_builtins(answer, enc_hook=text_write)
    return plain
