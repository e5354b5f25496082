"""The one refusal of whatever cannot be an intent. Pure."""

from __future__ import annotations


class IntentInvalid(Exception):
    """The message asks for something that cannot be meant; `code` is one of `reasons.py`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
