"""MQL5 as C++: lines stay where they are, and each construct becomes what it means."""

import re
from pathlib import Path

import pytest

from mql5.host.program import include_folder, load
from mql5.host.tokens import tokens_of
from mql5.host.translate import date_seconds, translate
from tests.unit.mql5.planting import CLEAN, INCLUDED, planted, written


def translated(folder: Path, main: str = CLEAN) -> str:
    path = written(folder, main)
    out = folder / "out"
    out.mkdir()
    translate(load(path), include_folder(path), out)
    return (out / "01_clean.mq5.hpp").read_text()


def planted_line(folder: Path, line: str) -> str:
    text = translated(folder, planted(body=line)).split("\n")
    return spaced(text[CLEAN.split("// body")[0].count("\n") + 1])


def spaced(text: str) -> str:
    """With one space where there are several, and none after a bracket: they mean nothing."""
    return re.sub(r"([({]) ", r"\1", " ".join(text.split()))


def test_each_line_stays_on_its_line_and_the_first_says_whose_it_is(tmp_path: Path) -> None:
    text = translated(tmp_path).split("\n")
    path = (tmp_path / "Experts" / "clean.mq5").resolve()
    assert text[0] == f'#line 1 "{path}"'
    for number, line in enumerate(CLEAN.split("\n"), 1):
        name = line.split("(")[0].split()[-1:] if line.startswith(("int ", "void ")) else []
        assert all(one.split("::")[-1] in text[number] for one in name), number
    assert len(text) == len(CLEAN.split("\n")) + 1


def test_names_over_several_lines_keep_the_lines_below(tmp_path: Path) -> None:
    line = "double\n   spread\n   [\n   2\n   ];\n/* one\ntwo */ spread[0] = 1;"
    text = translated(tmp_path, planted(body=line)).split("\n")
    assert len(text) == len(planted(body=line).split("\n")) + 1
    assert "OnTimer" in text[planted(body=line).split("void OnTimer")[0].count("\n") + 1]


def test_an_included_file_is_a_file_of_its_own(tmp_path: Path) -> None:
    assert '#include "00_clean.mqh.hpp"' in translated(tmp_path).split("\n")
    text = (tmp_path / "out" / "00_clean.mqh.hpp").read_text().split("\n")
    assert text[0].endswith('clean.mqh"')
    assert text[4] == INCLUDED.split("\n")[3]


@pytest.mark.parametrize(
    ("line", "cpp"),
    [
        ("a = b / a;", "a = b / ::mql::divisor(a);"),
        ("a = b / 2;", "a = b / 2;"),
        ("a = b / 0;", "a = b / ::mql::divisor(0);"),
        ("a = b / -a + 1;", "a = b / ::mql::divisor(-a) + 1;"),
        ("a = b / (a + 1) * 2;", "a = b / ::mql::divisor((a + 1)) * 2;"),
        ("a = b / (int)sum % a;", "a = b / ::mql::divisor((int)sum) % ::mql::divisor(a);"),
        ("a = b / book.Count() - 1;", "a = b / ::mql::divisor(book.Count()) - 1;"),
        ("a /= b + 1;", "a /= ::mql::divisor(b + 1);"),
        ("a %= Twice(a, b), b = 1;", "a %= ::mql::divisor(Twice(a, b)), b = 1;"),
        ("a = bytes[a + 1];", "a = bytes.at(a + 1);"),
        ("a = b / deals[0].volumes[1];", "a = b / ::mql::divisor(deals.at(0).volumes.at(1));"),
        ("a = deals[bytes[0]].side;", "a = deals.at(bytes.at(0)).side;"),
        ('text = "a" "b";', 'text = ::mql::S(u"a" u"b");'),
        ("ushort c = 'x';", "ushort c = ((ushort)u'x');"),
        ("string t = text;", "::mql::String t = text;"),
        ("double c[3];", "::mql::Array<double> c{::mql::Fixed{3}};"),
        ("int c[] = {1, 2};", "::mql::Array<int> c{::mql::Fixed{::mql::AS_LISTED}, {1, 2}};"),
        ("int c[LIMIT] = {1};", "::mql::Array<int> c{::mql::Fixed{LIMIT}, {1}};"),
        ("a = ArraySize(bytes) + 1;", "a = (::mql::mark(), ArraySize(bytes)) + 1;"),
        ("deal.at = D'1970.01.02';", "deal.at = ::mql::datetime(86400LL);"),
    ],
)
def test_a_construct_becomes_what_it_means(tmp_path: Path, line: str, cpp: str) -> None:
    assert planted_line(tmp_path, line) == cpp


def test_declarations_at_the_top_become_what_they_mean(tmp_path: Path) -> None:
    text = spaced(translated(tmp_path))
    assert 'static const int InpCount = ::mql::input<int>("InpCount", 3);' in text
    assert "double Sum(const ::mql::Array<double>& values, const int from = 0)" in text
    assert "enum Side : int {SIDE_BUY = 1, SIDE_SELL = 2 };" in text
    assert 'if (v == SIDE_SELL) return ::mql::S(u"SIDE_SELL");' in text
    assert "input group" not in text
    assert "#property" not in text


def test_handlers_that_the_program_lacks_are_not_called(tmp_path: Path) -> None:
    translated(tmp_path)
    events = (tmp_path / "out" / "program.cpp").read_text().split("program = {")[1]
    assert [one.strip() for one in events.split("}")[0].split(",")[:-1]] == [
        "&ea::OnInit",
        "nullptr",
        "nullptr",
        "&ea::OnTimer",
        "nullptr",
        "nullptr",
        "nullptr",
    ]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("D'1970.01.01'", 0),
        ("D'2024.02.29 12:30'", 1709209800),
        ("D'2026.01.02 03:04:05'", 1767323045),
        ("D'2026.02.30'", None),
        ("D''", None),
        ("D'2026-01-02'", None),
    ],
)
def test_a_moment_is_its_seconds(text: str, seconds: int | None) -> None:
    assert date_seconds(text) == seconds


def test_tokens_and_the_space_between_them_are_the_whole_text() -> None:
    text = 'int a=1; // x "y"\n/* z\n*/ b->c <<= 0xFFu; "a\\"b" \'c\' D\'2026.01.01\' #\n'
    tokens = list(tokens_of(text))
    assert [one.text for one in tokens][:8] == ["int", "a", "=", "1", ";", "b", "->", "c"]
    assert [one.line for one in tokens if one.text in ("a", "b")] == [1, 3]
    assert "".join(one.before + one.text for one in tokens).count("\n") == text.count("\n")
