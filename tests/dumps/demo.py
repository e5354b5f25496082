"""The demo whose rows a dump holds: each table of the main path has some."""

from tests.builders.pages import flow_make, staff_make
from tests.conftest import RunHandlers
from treasury.periodic import check_accounts


def demo_trade() -> None:
    """A deposit, two whole trades, an open one, an entry that waits for its review, and staff."""
    flow = flow_make(RunHandlers(), slug="demo-trend")
    flow.deposit()
    flow.closed()
    flow.closed("-8.40")
    flow.opened()
    reviewed = flow_make(RunHandlers(), slug="demo-reviewed", approval="one")
    reviewed.decided()
    staff_make("reviewer")
    check_accounts()
