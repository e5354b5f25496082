"""Trace ids for what no alert has begun, such as a deposit or a position opened by hand."""

from uuid import uuid4


def trace_mint() -> str:
    """Return 32 lower-case hexadecimal characters."""
    return uuid4().hex
