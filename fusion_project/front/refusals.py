"""Answers that the front gives itself, where a request never reaches Django."""

import json
import logging
from dataclasses import dataclass
from typing import Final, Protocol

from fusion_project.front.kinds import Kind

logger = logging.getLogger("fusion.front")


class Answering(Protocol):
    """Where an answer goes; any thread may give it, and only the first one counts."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer without Django: JSON for machines, one sentence for people."""

    status: int
    code: str
    message: str
    retry_after_seconds: int = 0

    def send(self, kind: Kind, answering: Answering) -> None:
        """Give the answer; then the connection closes, for more of a body may be on its way."""
        media = "text/plain; charset=utf-8" if kind.is_for_people else "application/json"
        headers = [
            ("content-type", media),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("connection", "close"),
        ]
        if self.retry_after_seconds:
            headers.append(("retry-after", str(self.retry_after_seconds)))
        answering.response_bytes(self.status, headers, self._text(kind).encode())
        logger.info("refused", extra={"kind": kind.name, "code": self.code, "status": self.status})

    def _text(self, kind: Kind) -> str:
        if kind.is_for_people:
            return f"{self.message}\n"
        return json.dumps({"code": self.code, "message": self.message, "detail": {}})


BROKEN: Final = Refusal(400, "body_incomplete", "Send the whole body and its length.")
LATE: Final = Refusal(
    408, "body_late", "Send the body within 5 seconds, and without a pause of 2 seconds."
)
LENGTH_REQUIRED: Final = Refusal(411, "length_required", "Send the body with a Content-Length.")
TOO_LARGE: Final = Refusal(413, "body_too_large", "Send a smaller body.")
FAILED: Final = Refusal(500, "failed", "The request could not be answered.")
BUSY: Final = Refusal(
    503, "busy", "Too many requests wait just now. Send it again.", retry_after_seconds=5
)
