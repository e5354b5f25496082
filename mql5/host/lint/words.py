"""Words and marks that the source may not hold."""

from typing import Final

from mql5.host.lint.rule import Found, rule
from mql5.host.program import Program, Source
from mql5.host.translate import date_seconds, is_index

_NO_POINTERS: Final = "no pointers; keep an index into an array"
_NO_LIBRARY: Final = "no C++ library; only functions of the API table"
_PLAIN: Final = "not in the plain subset; write it out"
BANNED: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("new", "delete", "this", "NULL", "nullptr", "GetPointer", "CheckPointer"), _NO_POINTERS
    ),
    **dict.fromkeys(
        (
            "template",
            "typename",
            "operator",
            "interface",
            "namespace",
            "using",
            "auto",
            "decltype",
            "constexpr",
            "typedef",
            "union",
            "goto",
            "friend",
            "abstract",
            "final",
        ),
        _PLAIN,
    ),
    **dict.fromkeys(("try", "catch", "throw", "noexcept"), "MQL5 has no exceptions"),
    **dict.fromkeys(("unsigned", "signed"), "write uchar, ushort, uint or ulong"),
    **dict.fromkeys(("extern", "sinput"), "write input"),
    **dict.fromkeys(("matrix", "vector", "complex"), "the host knows plain numbers and arrays"),
    "ArraySetAsSeries": "count from the end: no array changes its direction",
    "std": _NO_LIBRARY,
    **dict.fromkeys(
        ("static_cast", "dynamic_cast", "const_cast", "reinterpret_cast"), "write (type)value"
    ),
    **dict.fromkeys(
        (
            "and",
            "or",
            "not",
            "xor",
            "bitand",
            "bitor",
            "compl",
            "and_eq",
            "or_eq",
            "not_eq",
            "xor_eq",
        ),
        "a word of C++ for a mark; write the mark",
    ),
    **dict.fromkeys(
        (
            "volatile",
            "register",
            "mutable",
            "explicit",
            "inline",
            "asm",
            "alignas",
            "alignof",
            "char16_t",
            "char32_t",
            "wchar_t",
            "export",
            "static_assert",
            "thread_local",
            "typeid",
            "concept",
            "requires",
            "co_await",
            "co_return",
            "co_yield",
            "consteval",
            "constinit",
        ),
        "a word of C++; take another name",
    ),
}
_WITH_COLON: Final = ("default", "public", "private", "protected")
_MARKS: Final = {
    "->": _NO_POINTERS,
    "...": "MQL5 has no functions of any number of arguments",
    "##": "no pasted names; write the name",
    "#": "no text made of names; write the text",
}


@rule("word", "words of C++ or of MQL5 that are outside the plain subset")
def _words(program: Program, source: Source) -> Found:
    for token in source.stream:
        if token.kind == "name" and token.text in BANNED:
            yield token.line, f"{token.text}: {BANNED[token.text]}"


@rule("mark", "marks that the plain subset does not have")
def _marks(program: Program, source: Source) -> Found:
    for token in source.stream:
        if token.kind == "mark" and token.text in _MARKS:
            yield token.line, f"{token.text}: {_MARKS[token.text]}"
        elif token.kind == "strange":
            yield token.line, f"{token.text!r} is no part of MQL5"


@rule("bracket", "each bracket has its partner")
def _brackets(program: Program, source: Source) -> Found:
    for at in source.stream.loose:
        token = source.stream.at(at)
        yield token.line, f"{token.text} has no partner"


@rule("lambda", "no functions inside expressions")
def _lambdas(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if stream.text(at) == "[" and not is_index(stream, at):
            yield token.line, "[ stands after a name only; MQL5 has no lambdas"


@rule("pointer", "no pointers")
def _pointers(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        declares = stream.text(at - 1) in program.types and stream.at(at + 1).kind == "name"
        if stream.text(at) == "*" and declares:
            yield token.line, f"{stream.text(at - 1)} *{stream.text(at + 1)}: {_NO_POINTERS}"
        if stream.text(at) == "&" and _takes_address(program, source, at):
            yield token.line, f"&{stream.text(at + 1)}: {_NO_POINTERS}"


def _takes_address(program: Program, source: Source, at: int) -> bool:
    """An `&` that has no left side and declares nothing."""
    stream = source.stream
    left = stream.at(at - 1)
    if left.kind == "name":
        return left.text in ("return", "case")
    return left.kind == "mark" and left.text not in (")", "]", "++", "--")


@rule("range-for", "for runs over an index")
def _ranges(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if stream.text(at) == "for" and at + 1 in stream.partner:
            inside = [stream.text(one) for one in range(at + 2, stream.partner[at + 1])]
            if inside.count(";") != 2:
                yield token.line, "write for(int i = 0; i < ArraySize(a); i++)"


@rule("goto-label", "no labels")
def _labels(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        word = token.kind == "name" and token.text not in (
            "default",
            "public",
            "private",
            "protected",
        )
        alone = stream.text(at - 1) in (";", "{", "}") and stream.text(at + 1) == ":"
        if word and alone:
            yield token.line, f"{token.text}: MQL5 has no labels"


@rule("colour", "no charts, no colours")
def _colours(program: Program, source: Source) -> Found:
    for token in source.stream:
        if token.kind == "colour":
            yield token.line, "the program draws nothing"


@rule("date", "D'…' is a moment")
def _dates(program: Program, source: Source) -> Found:
    for token in source.stream:
        if token.kind == "date" and date_seconds(token.text) is None:
            yield token.line, f"{token.text} is no moment: D'2026.01.31 14:05:00'"


@rule("char", "one character between single quotes")
def _chars(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if token.kind != "char":
            continue
        inside = token.text[1:-1]
        if stream.at(at - 1).kind == "number" and not token.before:
            yield token.line, "no quotes inside numbers"
        elif len(inside) != 1 and not (inside[0] == "\\" and len(inside) == 2):
            yield token.line, f"{token.text} is more than one character"


@rule("suffix", "numbers without suffixes, but for unsigned ones")
def _suffixes(program: Program, source: Source) -> Found:
    for token in source.stream:
        number = token.kind == "number" and not token.text.lower().startswith("0x")
        if number and token.text[-1] in "lLfF":
            yield token.line, f"{token.text}: MQL5 takes the size from the type; cast it"
        if number and len(token.text) > 1 and token.text[0] == "0" and token.text.isdigit():
            yield token.line, f"{token.text} is octal in C++ and decimal for people"
