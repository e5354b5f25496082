"""The lines of realised cash: closed trades at their closing, other bookings at their own."""

from fusion_project.community.presenting.line import Line, line_draw
from treasury.rules.runs import CashLine


def realised_cash_lines(lines: list[CashLine]) -> list[Line]:
    """One line for each currency that has two steps or more."""
    return [line_draw(one) for one in lines if one.whole.steps > 1]
