"""The one place that says what stands in the way of a distribution.

A later app adds its own reason with `gate_register`: the rule that each bound token is GREEN and
fresh is asked here, and held by that app's trigger on `treasury_entry` (kind `distribution`).
"""

from collections.abc import Callable

from treasury.selectors.green import book_not_green

Gate = Callable[[str], list[str]]

_gates: list[Gate] = []


def gate_register(gate: Gate) -> None:
    """Ask `gate` too: given a book, it answers why nothing may be distributed of it, or nothing."""
    if gate not in _gates:
        _gates.append(gate)


def distribution_hindrances(*, book: str) -> list[str]:
    """Every reason why nothing of the book may be distributed now, in words."""
    return [*book_not_green(book=book), *(reason for gate in _gates for reason in gate(book))]
