"""The server's side of signed calls."""

import hmac
from collections.abc import Mapping

from execution.rules.signing import (
    NONCE_HEADER,
    SIGNATURE_HEADER,
    TIME_HEADER,
    WINDOW_SECONDS,
    signature_of,
)
from execution.wire.fields import MomentText


class Signed:
    """Demands a signature with this key on each call."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.passed = 0
        self._nonces: set[str] = set()

    def refusal(
        self, raw: bytes, headers: Mapping[str, str], path: str, moment: MomentText
    ) -> tuple[str, str] | None:
        """Return code and words of what is wrong with a call, or nothing."""
        time_msc = headers.get(TIME_HEADER.lower(), "")
        nonce = headers.get(NONCE_HEADER.lower(), "")
        given = headers.get(SIGNATURE_HEADER.lower(), "")
        if not (time_msc and nonce and given):
            return "signature_missing", "it is not signed"
        expected = signature_of(
            self.key, method="POST", path=path, time_msc=time_msc, nonce=nonce, body=raw
        )
        if not hmac.compare_digest(expected, given):
            return "signature_refused", "it is not what the key makes of it"
        if abs(int(time_msc) / 1000 - moment.at.timestamp()) > WINDOW_SECONDS:
            return "signature_late", f"it is {moment} here"
        if nonce in self._nonces:
            return "nonce_used", "it came before"
        self._nonces.add(nonce)
        self.passed += 1
        return None
