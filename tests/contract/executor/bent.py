"""An answer as it goes out: straight, or bent in one of the ways a server or a network has."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Self


@dataclass(frozen=True)
class Bent:
    """Status, body and headers of an answer.

    `does`: the server does its part first, and where `body` is none its answer goes out under this
    status. `is_cut`: the line breaks instead of the answer; `cut_at` after so many bytes of it.
    `silent_seconds` of true time pass before.
    """

    status: int = 200
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    does: bool = False
    is_cut: bool = False
    cut_at: int | None = None
    silent_seconds: float = 0

    @classmethod
    def error(cls, status: int, code: str, message: str = "as the case wants") -> Self:
        """An error as the API writes it."""
        body = json.dumps({"code": code, "message": message, "detail": {}})
        return cls(status=status, body=body)

    def over(self, straight: "Bent") -> "Bent":
        """Bend a straight answer."""
        return replace(self, body=straight.body if self.body is None else self.body)


def changed(straight: dict[str, Any], **members: Any) -> str:
    """Return JSON with other members."""
    return json.dumps({**straight, **members})


LOST = Bent(does=True, is_cut=True)
HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
