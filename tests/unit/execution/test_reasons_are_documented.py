"""Every reason why an approved decision becomes no order stands in one table."""

import re
from pathlib import Path

from execution.risk.reasons import ADVICE
from execution.risk.rules import ENTRY_RULES

ROOT = Path(__file__).parents[3]
RAISED = re.compile(r'(?:PriceRefused|_nothing|_refused)\((?:[\w.\[\]]+, )*"(\w+)"[,)]')
GIVEN = re.compile(r'(?:reason=|return |return Decimal\(0\), )"([a-z]+(?:_[a-z]+)+)"')
FILES = (
    "execution/rules/sizing.py",
    "execution/rules/prices.py",
    "execution/rules/amending.py",
    "execution/services/amends.py",
    "execution/services/exits.py",
)
# Ends of orders that were staged, and facts about reports: no refusals.
OTHERS = {"exit_decided", "cancel_decided"}


def _given() -> set[str]:
    found = {reason for rule in ENTRY_RULES for reason in rule.reasons}
    for name in FILES:
        text = (ROOT / name).read_text()
        found |= {*RAISED.findall(text), *GIVEN.findall(text)}
    return found - OTHERS


def test_the_reasons_are_found_where_they_are_given() -> None:
    assert {"below_lot_min", "symbol_not_confirmed", "amend_widens_stop"} <= _given()
    assert {"close_pct_missing", "risk_size_without_stop", "made_for_paper"} <= _given()


def test_every_reason_that_is_given_has_its_advice_and_no_other_has() -> None:
    assert set(ADVICE) == _given()
