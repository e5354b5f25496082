"""What each status of the webhook means, and what its sender does then. Pure data."""

from __future__ import annotations

from typing import Final, NamedTuple


class WebhookAnswer(NamedTuple):
    """`verdicts`: what the body may say under that status."""

    verdicts: str
    means: str
    then: str


ANSWERS: Final[dict[int, WebhookAnswer]] = {
    202: WebhookAnswer(
        "accepted", "A new alert, stored.", "Nothing. `message` says whether it can be ordered."
    ),
    200: WebhookAnswer(
        "duplicate, refused",
        "Stored, and not acted on: it came before, or a rule forbids it now; `reason` says which.",
        "Do what stands beside the reason; sending it again changes nothing.",
    ),
    400: WebhookAnswer("unreadable", "The bytes cannot be read.", "Correct the message."),
    401: WebhookAnswer(
        "unauthenticated",
        "No such strategy, or not its secret: both look the same.",
        "Correct the address; a secret may have ended.",
    ),
    405: WebhookAnswer("", "Something else than POST.", "Send the alert with POST."),
    408: WebhookAnswer(
        "unreadable",
        "The message came too slowly; what came is kept.",
        "Send the whole body within 5 seconds, without a pause of 2 seconds.",
    ),
    413: WebhookAnswer("unreadable", "The message is too long.", "Shorten it."),
    422: WebhookAnswer(
        "unreadable", "It can be read, but not what it asks for.", "Correct the message."
    ),
    429: WebhookAnswer(
        "unauthenticated",
        "This address sent too much without a valid secret. A request with one never gets it.",
        "Wait for as long as `Retry-After` says.",
    ),
    503: WebhookAnswer(
        "", "It cannot be stored now; nothing is kept.", "Send it again. TradingView does so."
    ),
}

# Each is there in every answer to a valid secret. What is known of an order is some seconds old at
# most; its size, price, exposure and review come later.
MEMBERS: Final[dict[str, str]] = {
    "receipt": "Number of the stored delivery, null where nothing was stored.",
    "alert_id": "Number of the alert, or of the earlier one that this repeats.",
    "trace_id": "What everything that follows is found by.",
    "verdict": "As in the table above.",
    "reason": "Code of the rule, or of what cannot be read; empty where accepted.",
    "message": "The same in words: `Accepted; not ordered: the entry names no stop.`",
    "order_rule": "Why the accepted entry will not be ordered as things stand, a code of"
    " [these](#accepted-but-no-order); empty where nothing speaks against it.",
    "life_line": "Path of the staff page that follows the alert to its orders, deals and postings.",
}
