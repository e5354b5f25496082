"""Domain errors of signals: each one is a fact about what was asked."""

from __future__ import annotations

from fusion_project.errors import DomainError


class DecisionNotFound(DomainError):
    """No decision has this id."""

    code = "decision_not_found"
    status = 404


class DecisionNotPending(DomainError):
    """The decision is no longer waiting for a review; the detail says what it is now."""

    code = "decision_not_pending"


class DecisionExpired(DomainError):
    """The review came after the decision's `valid_until`."""

    code = "decision_expired"


class ShownDecisionChanged(DomainError):
    """What the reviewer saw is not what the decision says now."""

    code = "shown_decision_changed"


class PreviewMissing(DomainError):
    """The order that would come of it is not worked out yet; it is, a moment later."""

    code = "preview_missing"


class ReasonRequired(DomainError):
    """A review needs a reason from the list of its verdict; `other` needs a note."""

    code = "reason_required"
    status = 422


class AlreadyReviewed(DomainError):
    """This person already reviewed this decision; a second review needs a second person."""

    code = "already_reviewed"


class ReviewerUnknown(DomainError):
    """The reviewer is not an active member of staff."""

    code = "reviewer_unknown"
    status = 403


class StrategyNotFound(DomainError):
    """No strategy has this slug or id."""

    code = "strategy_not_found"
    status = 404


class StrategyExists(DomainError):
    """A strategy with this slug is already there."""

    code = "strategy_exists"


class PolicyInvalid(DomainError):
    """A strategy policy value is outside its range."""

    code = "policy_invalid"
    status = 422


class BarsRefused(DomainError):
    """A bar cannot be; the detail's `index` names the first of them that were given, from 0."""

    code = "bars_refused"
    status = 422


class NewsRefused(DomainError):
    """A calendar's file cannot be meant; the detail's `line` names where."""

    code = "news_refused"
    status = 422


class BacktestRefused(DomainError):
    """A backtest cannot be made of these files or this policy."""

    code = "backtest_refused"
    status = 422


class SecretNotFound(DomainError):
    """No live secret with this id belongs to the strategy."""

    code = "secret_not_found"
    status = 404


class SecretListChanged(DomainError):
    """A secret was issued since the list was shown; look at it before issuing another."""

    code = "secret_list_changed"


class FeatureConflict(DomainError):
    """The feature key is known with another content."""

    code = "feature_conflict"
