"""MQL5 source, compiled and run: values, texts, and errors that the terminal would stop at."""

import shutil
from pathlib import Path

import pytest

from mql5.host.build import build, toolchain
from mql5.host.lint.checking import lint
from mql5.host.program import load
from mql5.host.running import CRITICAL, TIMED_OUT, Terminal, run
from tests.integration.mql5.hosting import (
    NEEDS_COMPILER,
    PROGRAMS,
    compile_fault,
    line_of,
    ran,
    told,
)

pytestmark = NEEDS_COMPILER
BEGIN = '#property version "1.0"\n'
INIT = "int OnInit() {\n%s\nreturn INIT_SUCCEEDED; }\n"


def test_structures_arrays_enumerations_and_integers_are_those_of_mql5(
    language: Path, tmp_path: Path
) -> None:
    ended = ran(language, tmp_path, Case="values")
    assert (ended.code, ended.err) == (0, "")
    assert told(ended.out) == [
        "hello 2.5 1.25 12",
        "SIDE_BUY Side::9 6 2026.01.02 03:05:05 false 0.5",
        "2.5 0 three3",
        "20 2 86400",
        "-2147483648 4294967295 -9223372036854775808 0 -3 -1",
        "66 B 9 -1 16 zero",
    ]


def test_texts_numbers_and_dates_are_written_and_read_as_mql5_does(
    language: Path, tmp_path: Path
) -> None:
    ended = ran(language, tmp_path, Case="texts")
    assert (ended.code, ended.err) == (0, "")
    assert told(ended.out) == [
        "0.13 -3 9.99 100 1.10000000",
        "333333333333333.313 1.235e+04 1.23457 -0.13",
        "00042|ab   |   cd|0.13|  -1.000|1099511627776|ff|A|%|+3",
        "-5 007 -9223372036854775808 -12 150 0 0",
        "4ac 3a; b; ; c",
        "5-1 cde -1",
        "23[x]",
        "2 6 206 true \u03b1\u20ac",
        "2026.01.02 03:04 03:04:05 true 0",
        "202612 5 1 true",
        "32 ba7815ad",
        "YWJj -3 3 -1.5",
    ]


def test_classes_and_includes_of_a_file_saved_on_windows_run_to_the_missing_broker(
    tmp_path: Path,
) -> None:
    shutil.copytree(PROGRAMS.parent / "Include", tmp_path / "Include")
    path = tmp_path / "Experts" / "constructs.mq5"
    path.parent.mkdir()
    text = (PROGRAMS / "constructs.mq5").read_text()
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    program = load(path)
    assert lint(program) == []
    ended = ran(build(program, tmp_path / "out", toolchain()), tmp_path / "home")
    assert told(ended.out) == [
        "b/1.50 4 2 it's // no comment",
        "x!true 3 -1 2026.01.04 23:59 quote 4503599627370495 yes",
        "65295 15 PERIOD_H1 4 -2 3 2",
    ]
    sent = line_of("constructs", "send")
    assert (ended.code, ended.err) == (CRITICAL, f"{path}:{sent}: OrderSend: no broker attached\n")


def test_inputs_are_set_at_start(language: Path, tmp_path: Path) -> None:
    ended = ran(
        language,
        tmp_path,
        Case="values",
        Side="SIDE_SELL",
        Flag="true",
        Real="-1.5",
        From="2030.12.31",
    )
    assert told(ended.out)[1] == "SIDE_SELL Side::9 6 2030.12.31 00:01:00 true -1.5"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Side", "SIDE_UP"),
        ("Number", "1.5"),
        ("Number", "3000000000"),
        ("Real", "nan"),
        ("Flag", "yes"),
        ("From", "yesterday"),
        ("Odd", "1"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_by_name(
    language: Path, tmp_path: Path, name: str, value: str
) -> None:
    ended = ran(language, tmp_path, **{name: value})
    assert ended.code == 2
    assert f"input Inp{name}" in ended.err


@pytest.mark.parametrize(
    ("case", "words", "inputs"),
    [
        ("index", "array out of range: index 3 of 3", {"Number": 3}),
        ("index", "array out of range: index -1 of 3", {"Number": -1}),
        ("divide", "zero divide", {}),
        ("remainder", "zero divide", {}),
        ("real divide", "zero divide", {}),
        ("overflow", "integer division overflow", {}),
        ("format", "value 1 of the format does not fit %d", {}),
        ("format count", "the format has no value for %s", {}),
        ("letters", "string index out of range", {"Number": 3}),
        ("broker", "AccountInfoDouble: no broker attached", {}),
        ("outside", "file name outside the sandbox: '../x.txt'", {}),
        ("long name", "a global variable's name has 1 to 63 characters", {}),
        ("negative", "ArrayResize to a negative size", {}),
    ],
)
def test_an_error_ends_the_program_at_its_file_and_line(
    language: Path, tmp_path: Path, case: str, words: str, inputs: dict[str, int]
) -> None:
    ended = ran(language, tmp_path, Case=case, **inputs)
    assert ended.code == CRITICAL
    assert ended.err.startswith(f"{PROGRAMS}/language.mq5:{line_of('language', case)}: ")
    assert words in ended.err


def test_endless_calls_end_the_program_with_a_sentence(language: Path, tmp_path: Path) -> None:
    ended = ran(language, tmp_path, Case="deep")
    assert ended.code == CRITICAL
    assert "stack overflow" in ended.err


def test_an_endless_loop_is_ended_by_the_limit(language: Path, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, inputs={"InpCase": "endless"})
    ended = run(language, terminal, limit=0.5)
    assert ended.code == TIMED_OUT
    assert ended.err == "the program was still running after 0.5 s\n"


# What MQL5 or its meaning forbids and the linter does not see: the compiler does, by line.
REFUSED = [
    ('int n = 1; n = "a";', "String"),
    ("string text = 1;", "String"),
    ('string text = "n=" + 1;', "operator+"),
    ("int n = 2.5;", "float-conversion"),
    ("ENUM_DAY_OF_WEEK day = 3;", "ENUM_DAY_OF_WEEK"),
    ("InpOdd = 2;", "read-only"),
    ("double m = MathMax(InpOdd, 2.5 + InpOdd);", "MathMax"),
    ("Print(MONDAY);", "EnumToString"),
    ("if(InpOdd = 2) Print(1);", "read-only"),
    ("uint n = 1; if(InpOdd < n) Print(n);", "sign-compare"),
    ("int InpOdd = 1; Print(InpOdd);", "shadow"),
    ("Later();", "Later"),
]


def test_the_compiler_names_the_mql5_line_of_each_fault(tmp_path: Path) -> None:
    body = "\n".join(f"{{ {line} }}" for line, _ in REFUSED)
    text = BEGIN + "input int InpOdd = 1; // odd\n" + INIT % body + "void Later() {}\n"
    said = compile_fault(tmp_path, text).splitlines()
    path = f"{tmp_path}/Experts/odd.mq5"
    for at, (line, words) in enumerate(REFUSED, 4):
        there = [one for one in said if one.startswith(f"{path}:{at}:")]
        # A fault inside a function of the API names the line as the place that required it.
        inside = any("required from here" in one for one in there) and words in "\n".join(said)
        assert inside or any(words in one for one in there), (line, said)
