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
        "accepted", "A new alert, stored.", "Nothing. `trace_id` finds what became of it."
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
