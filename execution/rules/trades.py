"""Which verbs of a decision close, cancel or open: the words that staging sorts them by. Pure."""

from execution.rules.prices import OPPOSITE

EXIT_VERBS = ("exit", "partial_exit", "close_all")
CANCEL_VERBS = ("cancel", "cancel_all")


def position_side(verb: str, side: str) -> str:
    """Side of the positions meant; empty for both. An exit of a long says `sell`, as in FIX."""
    if side == "any":
        return ""
    return side if verb == "amend" else OPPOSITE[side]
