"""Text that would come out differently in TradingView, in the runner or at the server."""

from __future__ import annotations

import pytest

from tests.unit.pine.planting import Case, codes_planted

PICTURE = "// What the picture shows."
TARGET = 'exitReason := stopHit ? "stop" : targetHit ? "target"'
TAGS = """'["' + sessionName + '"]'"""
CASES: list[Case] = [
    ("str-format", "df-bars", '"telling each closed bar"', 'str.format("{0} bars", count)'),
    ("str-format", "df-bars", '    str.tostring(value, "0")', '    str.format("{0}", value)'),
    ("bare-tostring", "df-bars", 'str.tostring(count, "0")', "str.tostring(count)"),
    ("bare-tostring", "df-trend", "(stopPrice, format.mintick)", "(stopPrice)"),
    *[
        ("number-mask", "df-bars", 'str.tostring(count, "0")', f"str.tostring(count, {mask})")
        for mask in (
            '"#.##"',
            '"0,000"',
            '"0.0#"',
            '""',
            '"0."',
            '".00"',
            "format.percent",
            "format.volume",
            "syminfo.ticker",
            '"0" + "0"',
        )
    ],
    ("number-mask", "df-bars", 'na, "0.0000")', 'na, "#.####")'),
    ("number-mask", "df-bars", 'volume : na, "0.0000")', 'volume : na, mask = "#")'),
    ("placeholder", "df-bars", '"telling each closed bar"', '"{{ticker}}"'),
    ("placeholder", "df-bars", '"telling each closed bar"', "'last {{close}}'"),
    ("reason-text", "df-trend", TARGET, TARGET.replace('"target"', '"target!"')),
    ("reason-text", "df-trend", '"ema_cross"', '"ema/cross"'),
    ("reason-text", "df-trend", '"ema_cross"', '""'),
    ("reason-text", "df-trend", '"ema_cross"', '"' + "a" * 65 + '"'),
    ("reason-text", "df-trend", '"ema_cross"', 'crossUp ? "up" : "down, again"'),
    ("reason-text", "df-trend", '"ema_cross"', '"ema" + ":" + "x"'),
    ("reason-text", "df-playbook", '"break_even"), alert', '"break-even?"), alert'),
    ("reason-text", "df-playbook", ': "consolidation"', ': "con&solidation"'),
    ("tags-text", "df-playbook", TAGS, "'[\"' + sessionName + '\"'"),
    ("tags-text", "df-playbook", TAGS, "sessionName"),
    ("tags-text", "df-playbook", '? "afternoon"', '? "after/noon"'),
    ("tags-text", "df-playbook", TAGS, "'[" + ",".join(['"a"'] * 9) + "]'"),
    ("tags-text", "df-playbook", TAGS, "'[1]'"),
]

CLEAN = [
    ("df-bars", 'str.tostring(count, "0")', 'str.tostring(count, format = "000.0000")'),
    ("df-bars", 'str.tostring(count, "0")', "str.tostring(close, format.mintick)"),
    ("df-bars", '"telling each closed bar"', "'{\"open\": 1}'"),
    ("df-bars", PICTURE, "// str.format, {{ticker}} and str.tostring(x) are only named here."),
    ("df-trend", '"ema_cross"', '"EMA cross 9-21 v1.0_b"'),
    ("df-trend", '"ema_cross"', '"' + "a" * 64 + '"'),
    ("df-playbook", TAGS, "'[" + ",".join(['"a"'] * 8) + "]'"),
    ("df-playbook", TAGS, '""'),
]


@pytest.mark.parametrize(("rule", "stem", "old", "new"), CASES)
def test_a_planted_fault_is_found_by_its_rule(rule: str, stem: str, old: str, new: str) -> None:
    assert codes_planted(stem, old, new) == {rule}


@pytest.mark.parametrize(("stem", "old", "new"), CLEAN)
def test_text_that_is_safe_is_let_pass(stem: str, old: str, new: str) -> None:
    assert codes_planted(stem, old, new) == set()
