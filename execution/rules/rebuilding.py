"""Positions that a broker closes and opens again on one identifier: no exit, no entry. Pure."""

from typing import Final

# ENUM_DEAL_REASON: daily re-opening, variation margin, and what happens to shares.
REBUILD_REASONS: Final = frozenset({"rollover", "vmargin", "split", "corporate_action"})
