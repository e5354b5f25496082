"""Every reason why an approved decision becomes no order is described in `docs/alerts.md`."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RAISED = re.compile(r'(?:_Refused|PriceRefused|_nothing)\((?:\w+, )*"(\w+)"\)')
GIVEN = re.compile(r'(?:reason=|return |return Decimal\(0\), )"([a-z]+(?:_[a-z]+)+)"')
FILES = (
    "execution/rules/sizing.py",
    "execution/rules/prices.py",
    "execution/services/staging.py",
    "execution/services/amends.py",
    "execution/services/exits.py",
    "signals/intake/provenance.py",
)
# Ends of orders that were staged, and facts about reports: no refusals.
OTHERS = {"exit_decided", "cancel_decided"}


def _reasons() -> set[str]:
    found: set[str] = set()
    for name in FILES:
        text = (ROOT / name).read_text()
        found |= {*RAISED.findall(text), *GIVEN.findall(text)}
    return found - OTHERS


REASONS = sorted(_reasons())


def test_the_reasons_are_found_where_they_are_given() -> None:
    assert {"below_lot_min", "symbol_not_confirmed", "amend_widens_stop"} <= set(REASONS)
    assert {"close_pct_missing", "risk_size_without_stop", "made_for_paper"} <= set(REASONS)


@pytest.mark.parametrize("reason", REASONS)
def test_a_refused_order_has_its_example_and_what_to_change(reason: str) -> None:
    text = (ROOT / "docs" / "alerts.md").read_text()
    _, _, after = text.partition("## Accepted, but no order")
    table, _, _ = after.partition("\n## ")
    assert re.search(rf"^\| `{reason}` \| .+ \| .+ \|$", table, re.M)
