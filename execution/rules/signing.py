"""A signed call: HMAC-SHA256 of method, path, time, nonce and body. Pure; both sides use it.

    <METHOD>\\n<path with its query>\\n<time>\\n<nonce>\\n<body>

The time is in milliseconds since 1970, UTC. The key is the text that was shown with the executor's
key, in ASCII.
"""

import hmac
import re
from typing import Final

TIME_HEADER: Final = "X-Executor-Time"
NONCE_HEADER: Final = "X-Executor-Nonce"
SIGNATURE_HEADER: Final = "X-Executor-Signature"
# How far the caller's time may be off, either way; so long a nonce is remembered, and twice that.
WINDOW_SECONDS: Final = 60
NONCE_PATTERN: Final = re.compile(r"[!-~]{1,64}")
TIME_PATTERN: Final = re.compile(r"[0-9]{13}")


def signature_of(
    key: str, *, method: str, path: str, time_msc: str, nonce: str, body: bytes
) -> str:
    """Return the signature as 64 hex digits."""
    head = "\n".join((method, path, time_msc, nonce, ""))
    return hmac.new(key.encode(), head.encode() + body, "sha256").hexdigest()
