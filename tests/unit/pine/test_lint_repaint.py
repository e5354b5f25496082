"""Scripts that would tell a past bar differently later, or differently in the runner."""

from __future__ import annotations

import pytest

from tests.unit.pine.planting import Case, codes_planted

PICTURE = "// What the picture shows."
AHEAD = ", lookahead = barmerge.lookahead_on)"
ASKED = "biasTf1, close[1] - open[1], "
CASES: list[Case] = [
    ("security-lookahead", "df-playbook", AHEAD, ")"),
    ("security-lookahead", "df-playbook", AHEAD, ", lookahead = barmerge.lookahead_off)"),
    ("security-lookahead", "df-playbook", ASKED, "biasTf1, close - open[1], "),
    ("security-lookahead", "df-playbook", ASKED, "biasTf1, close[0] - open[1], "),
    ("security-lookahead", "df-playbook", ASKED, "biasTf1, close[swing] - open[1], "),
    ("security-lookahead", "df-playbook", ASKED, "biasTf1, ta.ema(close, 9), "),
    ("security-lookahead", "df-playbook", ASKED, "biasTf1, ta.atr(14), "),
    ("security-lookahead", "df-playbook", ASKED, "biasTf1, rsi, "),
    ("security-lookahead", "df-playbook", ASKED, "biasTf1, close[1] > open ? 1.0 : 0.0, "),
    ("security-lookahead", "df-playbook", ASKED, "biasTf1, strategy.position_size, "),
    ("early-orders", "df-trend", "calc_on_every_tick = false", "calc_on_every_tick = true"),
    ("early-orders", "df-trend", "orders_on_close = false", "orders_on_close = true"),
    ("early-orders", "df-trend", "calc_on_every_tick = false", "calc_on_order_fills = true"),
    ("varip", "df-bars", "var int count = 0", "varip int count = 0"),
    ("timenow", "df-bars", PICTURE, "int age = timenow - time_close"),
    ("timenow", "df-trend", "bool ready = ", "bool ready = timenow > time_close and "),
    ("quotes", "df-bars", PICTURE, "float spread = ask - close"),
    ("quotes", "df-bars", PICTURE, "float spread = close - bid"),
    ("future-offset", "df-bars", PICTURE, "float next = close[-1]"),
    ("future-offset", "df-playbook", "low[2] or brokeDown", "low[-2] or brokeDown"),
    ("future-offset", "df-bars", "color = color.gray, size", "offset = -5, size"),
    ("bar-state", "df-bars", "bool told = ", "bool told = barstate.isrealtime and "),
    ("bar-state", "df-bars", PICTURE, "bool old = barstate.ishistory"),
    ("strategy-history", "df-trend", PICTURE, "float before = strategy.position_size[1]"),
    ("strategy-history", "df-trend", PICTURE, "int before = strategy.closedtrades[1]"),
    ("strategy-history", "df-trend", PICTURE, "float x = strategy.closedtrades.profit(0)[1]"),
    ("trades-argument", "df-trend", PICTURE, "float x = nz(strategy.closedtrades.exit_price(0))"),
    ("trades-argument", "df-trend", PICTURE, "float x = nz(1 + strategy.opentrades.profit(0))"),
    ("library", "df-bars", PICTURE, "import someone/library/1 as lib"),
    ("library", "df-bars", PICTURE, "export half(float x) =>"),
    ("triple-quote", "df-bars", PICTURE, 'string words = """a"""'),
    ("triple-quote", "df-bars", PICTURE, "string words = '''a\n\nb'''"),
]

CLEAN = [
    ("df-playbook", ASKED, "biasTf1, ta.ema(close, 9)[1], "),
    ("df-playbook", ASKED, "biasTf1, math.abs(close[1] - open[2]) / syminfo.mintick, "),
    ("df-playbook", ASKED, "biasTf1, ta.atr(14)[1], "),
    ("df-trend", PICTURE, "float now = strategy.position_size\nfloat before = now[1]"),
    ("df-trend", PICTURE, "float price = strategy.closedtrades.exit_price(0)\nfloat x = nz(price)"),
    ("df-bars", "color = color.gray, size", "offset = 5, size"),
    ("df-bars", PICTURE, "max_bars_back(close, 50)"),
    ("df-bars", PICTURE, "float smooth = ta.linreg(close, 20, offset = -1)"),
    ("df-trend", "calc_on_every_tick = false, ", ""),
    ("df-bars", PICTURE, 'string words = "" + ""'),
]


@pytest.mark.parametrize(("rule", "stem", "old", "new"), CASES)
def test_a_planted_fault_is_found_by_its_rule(rule: str, stem: str, old: str, new: str) -> None:
    assert codes_planted(stem, old, new) == {rule}


@pytest.mark.parametrize(("stem", "old", "new"), CLEAN)
def test_what_stays_as_it_was_is_let_pass(stem: str, old: str, new: str) -> None:
    assert codes_planted(stem, old, new) == set()
