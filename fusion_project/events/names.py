"""The names of all facts, noun.past-verb. A name that is not here cannot be recorded."""

from typing import Final

ALERT_RECEIVED: Final = "alert.received"
ALERT_REFUSED: Final = "alert.refused"
OPINION_RECEIVED: Final = "opinion.received"
LOBE_FAILED: Final = "lobe.failed"
DECISION_PROPOSED: Final = "decision.proposed"
DECISION_ABSTAINED: Final = "decision.abstained"
REVIEW_RECORDED: Final = "review.recorded"
DECISION_APPROVED: Final = "decision.approved"
DECISION_REJECTED: Final = "decision.rejected"
DECISION_EXPIRED: Final = "decision.expired"
DECISION_SUPERSEDED: Final = "decision.superseded"
ORDER_STAGED: Final = "order.staged"
ORDER_LEASED: Final = "order.leased"
ORDER_ACKNOWLEDGED: Final = "order.acknowledged"
ORDER_REJECTED: Final = "order.rejected"
ORDER_EXPIRED: Final = "order.expired"
ORDER_CANCELLED: Final = "order.cancelled"
ORDER_UNKNOWN: Final = "order.unknown"
REPORT_RECEIVED: Final = "report.received"
DEAL_RECORDED: Final = "deal.recorded"
POSITION_CLOSED: Final = "position.closed"
POSITION_REOPENED: Final = "position.reopened"
ENTRY_POSTED: Final = "entry.posted"
SWITCH_CHANGED: Final = "switch.changed"
POLICY_CHANGED: Final = "policy.changed"
KEY_ISSUED: Final = "key.issued"
KEY_REVOKED: Final = "key.revoked"
SESSION_STARTED: Final = "session.started"
SESSION_ENDED: Final = "session.ended"
SESSION_REFUSED: Final = "session.refused"
PASSWORD_CHANGED: Final = "password.changed"  # noqa: S105 - a name
USER_CHANGED: Final = "user.changed"
ROLE_CHANGED: Final = "role.changed"
HANDLING_PARKED: Final = "handling.parked"
INCIDENT_OPENED: Final = "incident.opened"
INCIDENT_CLOSED: Final = "incident.closed"

ALL: Final = frozenset(
    value for key, value in list(globals().items()) if key.isupper() and isinstance(value, str)
)
