"""What later apps know of a decision when it is approved: whether it could be done now."""

from __future__ import annotations

from collections.abc import Callable

from signals.models import Decision

# Words that say why it could not be done, '' for none.
ApprovalCheck = Callable[[Decision], str]

_checks: dict[str, ApprovalCheck] = {}


def approval_check_register(name: str, check: ApprovalCheck) -> None:
    """Ask this check whenever somebody approves. Raises ValueError for a name that is known."""
    if name in _checks:
        raise ValueError(f"two approval checks are named {name}")
    _checks[name] = check


def approval_refusal(decision: Decision) -> str:
    """Return why approving the decision now would come to nothing, '' where it would not."""
    return "; ".join(words for check in _checks.values() if (words := check(decision)))
