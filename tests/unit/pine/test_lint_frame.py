"""The frame of a script and its helper block: planted faults, and the scripts as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from pine.harness.lint.checking import READING, RULES, lint
from pine.harness.lint.script import Script
from tests.unit.pine import (
    test_lint_alerts,
    test_lint_inputs,
    test_lint_names,
    test_lint_payload,
    test_lint_repaint,
    test_lint_strict,
)
from tests.unit.pine.planting import PATHS, STEMS, Case, codes, codes_planted, source_of

HELPER = "//#region df.signal helper block"
CASES: list[Case] = [
    ("version-line", "df-trend", "//@version=6", "//@version=5"),
    ("version-line", "df-trend", "//@version=6", "//@version=6 "),
    ("version-line", "df-trend", "//@version=6", "\n//@version=6"),
    (
        "one-declaration",
        "df-channel",
        'indicator("DF Channel: breakout signals", shorttitle = "DF Channel"',
        'library("DF Channel"',
    ),
    ("one-declaration", "df-channel", "string SCRIPT", 'indicator("Two")\nstring SCRIPT'),
    ("title", "df-channel", '"DF Channel: breakout signals"', '"DF CHANNEL"'),
    ("title", "df-channel", '"DF Channel: breakout signals"', '"DF " + "Channel"'),
    ("title", "df-channel", '"DF Channel: breakout signals"', '" "'),
    ("title", "df-channel", 'shorttitle = "DF Channel"', 'shorttitle = "DF Channels"'),
    ("ascii", "df-channel", "breakout signals", "breakout \u2013 signals"),
    ("ascii", "df-bars", "// What the picture shows.", "// What the picture shows\u2026"),
    ("header", "df-trend", "docs/pine.md", "the guide"),
    ("header", "df-trend", "docs/architecture.md", "the other guide"),
    ("identity", "df-trend", '"df-trend"', '"df-trends"'),
    ("identity", "df-trend", '"1.0.0"', '"1.0"'),
    ("identity", "df-trend", '"1.0.0"', '"01.0.0"'),
    ("identity", "df-trend", '"df-trend"', '"df-" + "trend"'),
    ("identity", "df-bars", "// What the picture shows.", 'VERSION := "2.0.0"'),
    ("strategy-settings", "df-trend", "initial_capital = 10000, ", ""),
    ("strategy-settings", "df-trend", "slippage = 2, ", ""),
    ("strategy-settings", "df-trend", "commission_value = 0.04", "margin_long = 100"),
    ("helper-block", "df-bars", f"{HELPER} 1.0.0", f"{HELPER} 1.0"),
    ("helper-block", "df-bars", "// What the picture shows.", f"{HELPER} 1.0.0\n//#endregion"),
    ("helper-text-only", "df-bars", "// Ask for nothing: proves", "var int calls = 0\n// Ask"),
    ("helper-text-only", "df-bars", "// Ask for nothing: proves", "int calls = 0\n// Ask"),
    ("helper-text-only", "df-bars", "// Ask for nothing: proves", "bar_index\n// Ask"),
    (
        "helper-text-only",
        "df-bars",
        "testSignal() =>\n",
        "testSignal() =>\n    int fresh = timestamp(2026, 1, 1, 0, 0)\n",
    ),
    (
        "helper-text-only",
        "df-bars",
        "testSignal() =>\n",
        "testSignal() =>\n    float now = strategy.position_size\n",
    ),
    (
        "helper-text-only",
        "df-bars",
        "testSignal() =>\n",
        'testSignal() =>\n    log.info("sent")\n',
    ),
    (
        "helper-text-only",
        "df-bars",
        "testSignal() =>\n",
        "testSignal() =>\n    if barstate.islast\n        close\n",
    ),
]


@pytest.mark.parametrize("stem", STEMS)
def test_the_real_scripts_are_clean_one_by_one(stem: str) -> None:
    assert codes(stem, source_of(stem)) == set()


def test_the_real_scripts_are_clean_together() -> None:
    assert len(PATHS) == 7
    assert [str(fault) for fault in lint([Script(p, p.read_text()) for p in PATHS])] == []


@pytest.mark.parametrize(("rule", "stem", "old", "new"), CASES)
def test_a_planted_fault_is_found_by_its_rule(rule: str, stem: str, old: str, new: str) -> None:
    assert codes_planted(stem, old, new) == {rule}


def test_a_script_without_any_declaration_is_refused() -> None:
    source = "\n".join(
        line for line in source_of("df-bars").split("\n") if not line.startswith("indicator(")
    )
    assert "one-declaration" in codes("df-bars", source)


def test_a_script_without_the_helper_block_is_refused() -> None:
    source = source_of("df-bars").replace("//#region", "//# region").replace("//#endregion", "//")
    assert "helper-block" in codes("df-bars", source)


def test_a_helper_block_that_is_not_closed_is_refused() -> None:
    assert "helper-block" in codes_planted("df-bars", "//#endregion", "//")


def test_a_helper_block_that_differs_is_named_with_its_first_differing_line() -> None:
    changed = source_of("df-canary").replace('"sell"', '"sold"', 1)
    line = changed[: changed.index('"sold"')].count("\n") + 1
    first = Script(Path("df-bars.pine"), source_of("df-bars"))
    (fault,) = lint([first, Script(Path("df-canary.pine"), changed)])
    assert (fault.rule, fault.path.name, fault.line) == ("helper-same", "df-canary.pine", line)
    assert "df-bars.pine" in fault.words


def test_a_helper_block_that_is_shorter_differs_too() -> None:
    source = source_of("df-canary")
    start = source.index("// Tell the closed bar's prices")
    shorter = source[:start] + source[source.index("//#endregion") :]
    first = Script(Path("df-bars.pine"), source_of("df-bars"))
    faults = lint([first, Script(Path("df-canary.pine"), shorter)])
    assert {fault.rule for fault in faults} == {"helper-same"}


def test_every_rule_has_a_planted_fault() -> None:
    """A rule that no case can trip may be dead."""
    modules = (
        test_lint_alerts,
        test_lint_inputs,
        test_lint_names,
        test_lint_payload,
        test_lint_repaint,
        test_lint_strict,
    )
    planted = {case[0] for module in modules for case in module.CASES}
    planted |= {case[0] for case in CASES} | {"helper-same"}
    assert planted == {rule.code for rule in RULES} | set(READING)
