"""The table of staff roles: which group may see and do what. Pure data, applied by roles_ensure."""

from collections.abc import Sequence
from typing import Final

VIEWER: Final = "viewer"
REVIEWER: Final = "reviewer"
OPS: Final = "ops"
AUDITOR: Final = "auditor"
KEYKEEPER: Final = "keykeeper"

# Every model of these apps may be viewed by the group.
_FLOW_APPS = ("events", "incidents", "second_person", "signals", "execution")
_ALL_APPS = (*_FLOW_APPS, "treasury", "tokens")

VIEWED_APPS: Final[dict[str, tuple[str, ...]]] = {
    VIEWER: _FLOW_APPS,
    REVIEWER: _FLOW_APPS,
    OPS: _ALL_APPS,
    AUDITOR: _ALL_APPS,
    KEYKEEPER: _FLOW_APPS,
}

OPS_PERMISSIONS: Final[dict[str, tuple[str, ...]]] = {
    VIEWER: ("view_life_line",),
    REVIEWER: ("view_life_line", "review_decision", "confirm_request"),
    OPS: (
        "view_life_line",
        "view_ledger",
        "propose_distribution",
        "retry_handling",
        "close_incident",
        "confirm_symbol",
        "confirm_request",
        "turn_switch",
        "close_position",
        "settle_member",
    ),
    AUDITOR: ("view_life_line", "view_ledger"),
    # Who lets alerts in is not who decides on them or runs the desk.
    KEYKEEPER: ("view_life_line", "manage_secret"),
}

# Hashed credentials are nobody's reading but the superuser's.
HIDDEN_MODELS: Final = frozenset({"strategysecret", "executorkey"})

ROLES: Final = tuple(VIEWED_APPS)


def roles_with(permissions: Sequence[str]) -> list[str]:
    """The roles that hold all of these permissions, such as `ops.view_ledger`."""
    return [role for role in ROLES if all(_holds(role, one) for one in permissions)]


def _holds(role: str, permission: str) -> bool:
    app, _, word = permission.partition(".")
    if app == "ops":
        return word in OPS_PERMISSIONS[role]
    verb, _, model = word.partition("_")
    return verb == "view" and app in VIEWED_APPS[role] and model not in HIDDEN_MODELS
