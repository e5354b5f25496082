"""Names that stand for nothing, or for two things."""

from __future__ import annotations

import pytest

from tests.unit.pine.planting import Case, codes_planted

# A line of the script that more lines can stand before.
PICTURE = "// What the picture shows."
CASES: list[Case] = [
    ("unknown-function", "df-trend", "ta.ema(close, fastLength)", "ta.emaa(close, fastLength)"),
    ("unknown-function", "df-trend", "positionOf(held) :", "positionof(held) :"),
    ("unknown-function", "df-bars", PICTURE, 'security(syminfo.tickerid, "1D", close)'),
    ("unknown-function", "df-bars", PICTURE, "study(close)"),
    ("unknown-function", "df-bars", PICTURE, "int more = count.doubled()"),
    ("unknown-function", "df-bars", PICTURE, "request.footprint(5)"),
    ("unknown-name", "df-trend", "color.gray, 80", "color.grey, 80"),
    ("unknown-name", "df-trend", "float atr = ta.atr(atrLength)", "float atr = ta.atr(atrLen)"),
    ("unknown-name", "df-trend", "bool ready = ", "bool ready = mayEnter and "),
    ("unknown-name", "df-bars", PICTURE, "number count2 = 1"),
    ("unknown-name", "df-bars", PICTURE, "int twice = twice + 1"),
    ("unknown-argument", "df-trend", "strategy.long)", "strategy.long, when = true)"),
    ("unknown-argument", "df-trend", "color = color.blue, linewidth", "transp = 80, linewidth"),
    ("unknown-argument", "df-trend", "maxval = 200, group", "maximum = 200, group"),
    ("unknown-argument", "df-bars", '"Told", style = ', '"Told", look = '),
    (
        "unknown-argument",
        "df-bars",
        "row(panel, 0, SCRIPT, VERSION)",
        "row(panel, 0, SCRIPT, words = VERSION)",
    ),
    ("argument-count", "df-bars", PICTURE, "float middle = math.abs(close, 2)"),
    ("argument-count", "df-bars", '"State", ', '"State", "x", '),
    ("argument-count", "df-bars", "row(panel, 0, SCRIPT, VERSION)", "row(panel, 0, SCRIPT)"),
    ("undeclared-assign", "df-bars", "    count += 1", "    count += 1\n    total := 1"),
    ("undeclared-assign", "df-bars", "    count += 1", "    count += 1\n    total += 1"),
    (
        "function-assign",
        "df-bars",
        "    table.cell(panel, 0",
        "    count := 1\n    table.cell(panel, 0",
    ),
    ("redeclared", "df-bars", PICTURE, "int count = 1"),
    (
        "redeclared",
        "df-bars",
        PICTURE,
        "row(table board, int a, string b, string c) =>\n    a"
        "\nrow(table other, int a, string b, string c) =>\n    a",
    ),
    ("hides-outer", "df-trend", "    exitReason := stopHit", "    string exitReason = stopHit"),
    (
        "hides-outer",
        "df-bars",
        PICTURE,
        "half() =>\n    int a = 1\n    if told\n        int a = 2\n    a",
    ),
    ("redeclared", "df-trend", "    bool crossed", "    bool stopHit = false\n    bool crossed"),
    *[
        ("reserved-word", "df-bars", PICTURE, f"int {word} = 1")
        for word in (
            "catch",
            "class",
            "do",
            "ellipse",
            "in",
            "is",
            "polygon",
            "range",
            "return",
            "struct",
            "text",
            "throw",
            "try",
            "to",
            "by",
            "while",
            "method",
        )
    ],
    ("reserved-word", "df-bars", PICTURE, "twice(int range) =>\n    range * 2"),
    *[
        ("shadowing", "df-bars", PICTURE, f"int {word} = 1")
        for word in (
            "session",
            "color",
            "label",
            "table",
            "ta",
            "str",
            "close",
            "volume",
            "plot",
            "ticker",
        )
    ],
    ("shadowing", "df-bars", PICTURE, "half(int table) =>\n    table"),
]

CLEAN = [
    "if count > 5\n    int other = 1\nelse\n    int other = 2",
    "for step = 0 to 5 by 2\n    count := count + step",
    "for [place, price] in array.from(1.0, 2.0)\n    count := place",
    "while count > 0\n    count -= 1\n    if count == 3\n        break",
    "array<float> prices = array.new<float>(3, 0.0)\nprices.push(close)"
    "\nfloat first = prices.get(0)",
    "map<string, float> known = map.new<string, float>()",
    "float[] list = array.new_float(0)",
    "type Zone\n    float top = na\n    int born = 0\nZone zone = Zone.new(top = high, born = 1)"
    "\nfloat top = zone.top",
    "enum Side\n    long\n    short\nSide side = Side.long",
    'string word = switch count\n    1 => "one"\n    => "many"',
    "[upper, basis, lower] = ta.bb(close, 20, 2.0)",
    "method doubled(int self) =>\n    self * 2\nint more = count.doubled()",
    "half(int given = 2) =>\n    given / 2\nfloat small = half()",
    "half(int count) =>\n    int told = count\n    told",
    "board(table other) =>\n    table.clear(other, 0, 0)",
    'label mark = label.new(bar_index, high, text = "x")',
    "float wrapped = open +\n     close\n     - 1",
]


@pytest.mark.parametrize(("rule", "stem", "old", "new"), CASES)
def test_a_planted_fault_is_found_by_its_rule(rule: str, stem: str, old: str, new: str) -> None:
    assert codes_planted(stem, old, new) == {rule}


@pytest.mark.parametrize("lines", CLEAN)
def test_ordinary_pine_is_let_pass(lines: str) -> None:
    assert codes_planted("df-bars", PICTURE, f"{lines}\n{PICTURE}") == set()
