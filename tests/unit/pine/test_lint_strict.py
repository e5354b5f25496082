"""Version 6 as TradingView reads it: types, blocks, indents and lines."""

from __future__ import annotations

import pytest

from tests.unit.pine.planting import Case, codes_planted

PICTURE = "// What the picture shows."
ISLAST = "if barstate.islast or barstate.islastconfirmedhistory\n"
CASES: list[Case] = [
    *[
        ("numeric-condition", "df-bars", ISLAST, f"if {x}\n")
        for x in (
            "close",
            "1",
            "count",
            "bar_index - 1",
            "SCRIPT",
            "ta.ema(close, 9)",
            "math.max(1, count)",
        )
    ],
    ("numeric-condition", "df-bars", ISLAST, "while count\n"),
    ("numeric-condition", "df-bars", ISLAST, "if told\n    count += 1\nelse if count\n"),
    ("numeric-condition", "df-bars", "chart.is_standard ? ", "count ? "),
    ("numeric-condition", "df-bars", ISLAST, "if told and close\n"),
    ("numeric-condition", "df-bars", ISLAST, "if volume or told\n"),
    ("numeric-condition", "df-bars", ISLAST, "if not count\n"),
    ("numeric-condition", "df-bars", PICTURE, "switch\n    count => 1\n    => 2"),
    ("bool-na", "df-bars", PICTURE, "bool b = na"),
    ("bool-na", "df-bars", PICTURE, "bool b = told ? true : na"),
    ("bool-na", "df-bars", PICTURE, "bool b = false\nb := na"),
    *[
        ("literal-type", "df-bars", PICTURE, line)
        for line in (
            'int x = "a"',
            "int x = 1.5",
            "int x = close",
            'float x = "a"',
            "string x = 1",
            "bool x = 1",
            'bool x = "true"',
            "int x = told ? 1 : 2.5",
            'int x = 1\nx := "a"',
            "string x = close",
            'int x = input.float(1.0, "X", group = "G", tooltip = "T")',
            "float x = told",
            "int x = math.sign(close)",
        )
    ],
    ("literal-type", "df-bars", "row(panel, 0, SCRIPT,", "row(panel, 0.5, SCRIPT,"),
    ("literal-type", "df-bars", "row(panel, 0, SCRIPT,", "row(panel, 0, count,"),
    ("text-sum", "df-bars", PICTURE, 'string x = "a" + close'),
    ("text-sum", "df-bars", PICTURE, "string x = 1 + SCRIPT"),
    ("text-sum", "df-bars", '"telling each closed bar"', '"bars: " + count'),
    ("global-only", "df-bars", ISLAST, f"{ISLAST}    plot(close)\n"),
    ("global-only", "df-bars", ISLAST, f"{ISLAST}    bgcolor(color.red)\n"),
    ("global-only", "df-bars", ISLAST, f"{ISLAST}    hline(50)\n"),
    ("global-only", "df-bars", ISLAST, f"{ISLAST}    if told\n        plotshape(told)\n"),
    ("global-only", "df-bars", PICTURE, "draw() =>\n    plot(close)"),
    (
        "global-only",
        "df-bars",
        ISLAST,
        f'{ISLAST}    int late = input.int(1, "L", group = "G", tooltip = "T")\n',
    ),
    ("literal-history", "df-bars", PICTURE, "float x = 5[1]"),
    (
        "literal-history",
        "df-bars",
        PICTURE,
        "type Zone\n    float top = na\nZone zone = Zone.new()\nfloat x = zone.top[1]",
    ),
    ("literal-history", "df-bars", PICTURE, 'string x = "a"[1]'),
    (
        "conditional-series",
        "df-trend",
        "if mayEnter and held == 0",
        "if mayEnter and ta.rising(close, 3)",
    ),
    ("conditional-series", "df-bars", PICTURE, "bool x = told or ta.rising(close, 3)"),
    ("conditional-series", "df-bars", PICTURE, "float x = told ? ta.ema(close, 9) : close"),
    ("conditional-series", "df-bars", PICTURE, "float x = told ? close : nz(ta.ema(close, 9))"),
    ("conditional-series", "df-bars", PICTURE, "bool x = told and (ta.ema(close, 9) > close)"),
    ("conditional-series", "df-bars", ISLAST, f"{ISLAST}    float x = ta.ema(close, 9)\n"),
    ("conditional-series", "df-bars", PICTURE, "slow() =>\n    ta.ema(close, 9)"),
    (
        "conditional-series",
        "df-bars",
        ISLAST,
        "if told\n    count += 1\nelse if ta.rising(close, 3)\n",
    ),
    ("conditional-series", "df-bars", PICTURE, "float x = told ? math.sum(close, 9) : close"),
    (
        "conditional-series",
        "df-bars",
        PICTURE,
        "float x = switch count\n    1 => ta.sma(close, 9)\n    => close",
    ),
    ("indent", "df-bars", "    count += 1", "  count += 1"),
    ("indent", "df-bars", "    count += 1", "        count += 1"),
    ("indent", "df-bars", "    row(panel, 0, SCRIPT,", "row(panel, 0, SCRIPT,"),
    ("indent", "df-bars", "var int count = 0\n", "    var int count = 0\n"),
    ("indent", "df-bars", "    count += 1", "\t\t\t\tcount += 1"),
    ("indent", "df-bars", PICTURE, "if told"),
    ("indent", "df-bars", PICTURE, "half(float x) =>"),
    ("wrap", "df-bars", '     tooltip = "Goes', '    tooltip = "Goes'),
    ("syntax", "df-bars", '     tooltip = "Goes', 'tooltip = "Goes'),
    ("wrap", "df-bars", PICTURE, "float x = open +\n    close"),
    ("wrap", "df-bars", PICTURE, "bool x = told\n    and told"),
    *[
        ("syntax", "df-bars", PICTURE, line)
        for line in (
            "float x = (open",
            "float x = open)",
            "float x = open +",
            "float x = open close",
            "x y",
            "float x =",
            "= 5",
            "half(float x => x",
            'string x = "open',
            "float x = 1 ? 2",
            "int x = 1; 2",
            "half(int a,, int b) => a",
            "=>",
            ":= 1",
            "[a, b",
            "int x.y = 1",
            "switch count\n    1 + 1",
            "for x 0 to 5\n    count += 1",
            "float x = open, float y = close",
            "row(panel,, 1)",
            "if\n    count += 1",
        )
    ],
]

CLEAN = [
    "if count > 0 and told\n    count += 1",
    "int x = told ? 1 : -1",
    "float x = 1",
    "float x = na",
    "int x = math.round(close)",
    'string x = told ? "a" : na',
    "bool x = ta.rising(close, 3) and told",
    "float x = ta.ema(close, 9) > open ? close : open",
    "if ta.crossover(close, open)\n    count += 1",
    "bool x = close > open ? told : not told",
    "switch count\n    1 => 1\n    => 2",
    "plot(told ? close : na)",
    "float x = close[1]",
    "float x = (open + close) /\n     2",
]


@pytest.mark.parametrize(("rule", "stem", "old", "new"), CASES)
def test_a_planted_fault_is_found_by_its_rule(rule: str, stem: str, old: str, new: str) -> None:
    assert codes_planted(stem, old, new) == {rule}


@pytest.mark.parametrize("line", CLEAN)
def test_strict_pine_is_let_pass(line: str) -> None:
    assert codes_planted("df-bars", PICTURE, line) == set()
