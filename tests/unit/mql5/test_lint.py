"""Each ban of the linter finds what it bans, and a program within the subset is clean."""

from pathlib import Path

import pytest

from mql5.host.lint.checking import lint
from mql5.host.lint.rule import RULES
from mql5.host.lint.words import BANNED
from mql5.host.program import HostError, load
from tests.unit.mql5.planting import CLEAN, INCLUDED, codes, planted, written

# The rule that must find it, and a line inside a function.
BODY = [
    ("mark", "deal->name;"),
    ("mark", "int c = a ## b;"),
    ("mark", "Print(...);"),
    ("mark", "a = b @ 1;"),
    ("bracket", "a = (b + 1;"),
    ("bracket", "a = b + 1);"),
    ("lambda", "a = [](int x) { return x; }(3);"),
    ("lambda", "a = (1, [2]);"),
    ("pointer", "Deal *other;"),
    ("pointer", "int *p = a;"),
    ("pointer", "Twice(&a);"),
    ("pointer", "a = &b;"),
    ("range-for", "for(Deal d : deals) a++;"),
    ("goto-label", "again: a++;"),
    ("colour", "a = C'255,0,0';"),
    ("date", "deal.at = D'2026.13.01';"),
    ("date", "deal.at = D'31.01.2026';"),
    ("date", "deal.at = D'12:00';"),
    ("char", "ushort c = 'ab';"),
    ("mark", "a = 1'000;"),
    ("char", "a = 1'000'000;"),
    ("suffix", "long c = 5L;"),
    ("suffix", "double c = 1.5f;"),
    ("suffix", "a = 010;"),
    ("reference", "int &c = a;"),
    ("reference", "const Deal &other = deals[0];"),
    ("dimensions", "int grid[3][3];"),
    ("one-each", "int c[3], d[3];"),
    ("one-each", "int c = 1, d[3];"),
    ("uninitialised", "int c;"),
    ("uninitialised", "double c, d;"),
    ("uninitialised", "Side side;"),
    ("uninitialised", "datetime at;"),
    ("uninitialised", "ENUM_ORDER_TYPE type;"),
    ("brace-value", "Deal other{};"),
    ("brace-value", "Deal other = {0};"),
    ("brace-value", "int c{5};"),
    ("empty-braces", "int c[3] = {};"),
    ("empty-braces", "deal = {};"),
    ("array-value", "uchar more[]; more = bytes;"),
    ("array-value", "deal.volumes = deals[0].volumes;"),
    ("shadow", "int PositionsTotal = 1;"),
    ("shadow", "int INIT_FAILED = 1;"),
    ("cast", "text = (string)a;"),
    ("cast", "text = string(a);"),
    ("type", "size_t c = 1;"),
    ("type", "int64_t c = 1;"),
    ("type", "CTrade trade;"),
    ("unknown-call", "a = printf(1);"),
    ("unknown-call", "a = abs(b);"),
    ("unknown-call", "system(text);"),
    ("unknown-call", "iMA(text, 1);"),
    ("unknown-call", "OrderSendAsync(a, b);"),
    ("unknown-method", "a = text.size();"),
    ("unknown-method", "book.Clear();"),
    ("unknown-name", "a = errno;"),
    ("unknown-name", "a = EOF;"),
    ("unknown-name", "text = _Symbol;"),
    ("unknown-name", "deal.cost = 1;"),
    ("unknown-name", "a = SYMBOL_SECTOR;"),
    ("arguments", "a = StringLen();"),
    ("arguments", "a = StringLen(text, 1);"),
    ("arguments", "a = Twice(1, 2);"),
    ("arguments", "Sum();"),
    ("arguments", "a = GetLastError(1);"),
    ("utf8", "StringToCharArray(text, bytes);"),
    ("utf8", "text = CharArrayToString(bytes);"),
    ("utf8", 'handle = FileOpen("a", FILE_READ | FILE_TXT | FILE_ANSI);'),
    ("file-mode", 'handle = FileOpen("a", FILE_READ | FILE_CSV);'),
    ("file-mode", 'handle = FileOpen("a", FILE_READ | FILE_BIN | FILE_UNICODE);'),
    ("file-mode", "handle = FileOpen(text, FILE_READ | FILE_TXT, ';', CP_UTF8);"),
    ("math-types", "double c = MathMax(1, 2.5);"),
]
# The same at the top of a file.
FILE = [
    ("struct-by-value", "void Take(Deal one) {}"),
    ("struct-by-value", "void Take(const Book one) {}"),
    ("struct-by-value", "void Take(MqlTick one) {}"),
    ("array-by-value", "void Take(int one[]) {}"),
    ("parameter-array-size", "void Take(int &one[3]) {}"),
    ("dimensions", "void Take(int &one[][2]) {}"),
    ("reference", "int &Give() { return InpCount; }"),
    ("member-value", "struct Odd { int a = 1; };"),
    ("member-value", "struct Odd { int a[2] = {1, 2}; };"),
    ("inheritance", "class Both : public Book, public Deal {};"),
    ("enum", "enum { ONE, TWO };"),
    ("enum", "enum class Kind { ONE };"),
    ("enum", "enum Kind : int { ONE };"),
    ("enum", "struct Odd { enum Kind { ONE }; };"),
    ("anonymous", "struct { int a; } odd;"),
    ("shadow", "int Sleep(int a) { return a; }"),
    ("shadow", "struct MqlTick { int a; };"),
    ("unknown-handler", "void OnBookEvent(const string &symbol) {}"),
    ("handler", "void OnTick(int a) {}"),
    ("handler", "int OnTrade() { return 0; }"),
    ("handler", "void OnDeinit(int &reason) {}"),
    ("handler", "void OnTradeTransaction(MqlTradeTransaction &t, MqlTradeRequest &r) {}"),
    ("directive", '#import "user32.dll"'),
    ("directive", '#resource "a.bmp"'),
    ("directive", "#property indicator_buffers 2"),
    ("directive", "#pragma once"),
    ("directive", "#if 1\n#endif"),
    ("directive", "#undef LIMIT"),
    ("directive", "#ifdef HOST\n#endif"),
    ("directive", "#include clean.mqh"),
    ("macro", "#define TWICE(x) ((x) * 2)"),
    ("macro", "#define GLUED a##b"),
    ("macro", "#define TOLD #a"),
    ("unknown-call", "#define NOW time()"),
    ("unknown-name", "#define FAULT errno"),
    ("input-place", "input int InpOdd; // label"),
    ("input-place", "input int InpOdd = 1;"),
    ("bytes", "// caf\u00e9"),
    ("bytes", "int zero = 0;\0"),
]


@pytest.mark.parametrize(("code", "line"), BODY, ids=[line for _, line in BODY])
def test_a_banned_line_of_a_function_is_found(tmp_path: Path, code: str, line: str) -> None:
    assert code in codes(tmp_path, planted(body=line))


@pytest.mark.parametrize(("code", "line"), FILE, ids=[line for _, line in FILE])
def test_a_banned_line_of_a_file_is_found(tmp_path: Path, code: str, line: str) -> None:
    assert code in codes(tmp_path, planted(file=line))


def test_each_banned_word_is_found(tmp_path: Path) -> None:
    text = planted(body="\n".join(f"{word} c;" for word in BANNED))
    first = CLEAN.split("// body")[0].count("\n") + 1
    found = {
        one.line: one.words for one in lint(load(written(tmp_path, text))) if one.code == "word"
    }
    wanted = {first + at: f"{word}: {why}" for at, (word, why) in enumerate(BANNED.items())}
    assert found == wanted


def test_a_program_within_the_subset_has_no_fault(tmp_path: Path) -> None:
    assert lint(load(written(tmp_path))) == []


def test_banned_words_in_comments_and_texts_are_no_fault(tmp_path: Path) -> None:
    text = planted(body='text = "new delete -> ## ["; // new this\n /* goto auto */')
    assert codes(tmp_path, text) == set()


def test_a_fault_is_told_with_file_line_and_rule(tmp_path: Path) -> None:
    path = written(tmp_path, planted(body="int c;"))
    line = CLEAN.split("// body")[0].count("\n") + 1
    (fault,) = [one for one in lint(load(path)) if one.code == "uninitialised"]
    assert str(fault).startswith(f"{path.resolve()}:{line}: uninitialised: int c = ")


def test_faults_of_an_included_file_are_found(tmp_path: Path) -> None:
    assert codes(tmp_path, included=INCLUDED.replace("* 2", "* two")) == {"unknown-name"}


@pytest.mark.parametrize(
    "included",
    [INCLUDED.replace("#ifndef", "//"), "int Twice(int a) { return a; }\n"],
    ids=["half a guard", "none"],
)
def test_an_included_file_needs_an_include_guard(tmp_path: Path, included: str) -> None:
    assert "guard" in codes(tmp_path, included=included)


def test_an_include_outside_of_the_folder_is_found(tmp_path: Path) -> None:
    swap = ('#include "clean.mqh"', '#include "../Experts/clean.mqh"')
    assert codes(tmp_path, planted(swap=swap)) == {"include-path"}


def test_an_include_that_is_not_there_is_told_with_its_line(tmp_path: Path) -> None:
    swap = ('#include "clean.mqh"', '#include "other.mqh"')
    with pytest.raises(HostError, match=r"clean\.mq5:2: there is no .*other\.mqh"):
        codes(tmp_path, planted(swap=swap))


def test_an_input_in_an_included_file_is_found(tmp_path: Path) -> None:
    included = INCLUDED.replace("int Twice", "input int InpOdd = 1; // label\nint Twice")
    assert codes(tmp_path, included=included) == {"input-place"}


@pytest.mark.parametrize("handler", ["void OnStart()", "int OnCalculate()"])
def test_what_is_no_expert_advisor_is_found(tmp_path: Path, handler: str) -> None:
    assert "program" in codes(tmp_path, planted(file=handler + " {}"))


def test_a_program_without_a_handler_is_found(tmp_path: Path) -> None:
    assert codes(tmp_path, "int One() { return 1; }\n", "") >= {"program"}


def test_each_rule_has_a_reason_and_a_test() -> None:
    tested = {code for code, _ in (*BODY, *FILE)} | {"word", "guard", "include-path", "program"}
    assert {one.code for one in RULES} == tested
    assert all(len(one.reason.split()) >= 2 for one in RULES)
