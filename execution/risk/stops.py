"""Why a switch that is not ACTIVE refuses an entry: one reason for each scope. Pure."""

from typing import Final

from execution.rules.switches import SCOPES

# The widest switch that stops an entry is the one that is told.
STOP_REASON: Final = {scope: f"{scope}_stopped" for scope in SCOPES}
STOP_REASONS: Final = tuple(STOP_REASON.values())
