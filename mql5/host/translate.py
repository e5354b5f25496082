"""Writes MQL5 as C++17, token by token and line by line, so that errors name the MQL5 file."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mql5.host.api_table import table
from mql5.host.header import cpp_type, enum_text
from mql5.host.program import DEFINE, Declared, Program, Source, included_path
from mql5.host.tokens import Stream, Token, tokens_of

_DATE: Final = re.compile(
    r"D'(?:(\d{4})\.(\d{1,2})\.(\d{1,2}))?\s*(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?'"
)
_AFTER_OPERAND: Final = frozenset([")", "]"])
_GUARDED: Final = {"/": False, "%": False, "/=": True, "%=": True}  # mark: takes all that follows


def date_seconds(text: str) -> int | None:
    """A `D'…'` literal as seconds since 1970; None for one that is no moment."""
    found = _DATE.fullmatch(text)
    if found is None or found[1] is None:
        return None
    year, month, day, hour, minute, second = (int(one or 0) for one in found.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return round(moment.timestamp())


def is_index(stream: Stream, at: int) -> bool:
    """Whether this `[` takes an element of what stands before it."""
    before = stream.at(at - 1)
    return before.kind == "name" or stream.text(at - 1) in _AFTER_OPERAND


class Writer:
    """Writes one stream; a macro's body has a writer of its own."""

    def __init__(self, program: Program, stream: Stream, declared: list[Declared]) -> None:
        self._program = program
        self._stream = stream
        self._declared = {one.at: one for one in declared}
        self._out: list[str] = []
        self._after: dict[int, str] = {}  # what to write after a token

    def write(self) -> str:
        stream, at = self._stream, 0
        while at < len(stream):
            token = stream.at(at)
            self._out.append(token.before)
            done = at + 1
            if token.kind == "directive":
                self._out.append(self._directive(token))
            elif at in self._declared:
                done = self._declaration(self._declared[at])
            elif stream.text(at) == "enum" and at + 2 in stream.partner:
                done = self._enum(at)
            elif stream.text(at) == "input":
                done = self._input(at)
            else:
                self._out.append(self._word(at))
            for one in range(at, done):
                self._out.append(self._after.pop(one, ""))
            if stream.text(at) != "enum":
                # Words that were written as one may stand on several lines.
                lines = sum(stream.at(one).before.count("\n") for one in range(at + 1, done))
                self._out.append("\n" * lines)
            at = done
        return "".join(self._out)

    def _word(self, at: int) -> str:
        stream, token = self._stream, self._stream.at(at)
        if token.kind in ("text", "char", "date"):
            return self._literal(at)
        if token.kind == "name":
            return self._name(at)
        if token.text == "[" and is_index(stream, at):
            self._later(stream.partner.get(at, at), ")")
            return ".at("
        if token.text == "]" and self._after.get(at):
            return ""
        if token.text in _GUARDED and token.kind == "mark":
            return self._division(at)
        return token.text

    def _later(self, at: int, text: str) -> None:
        self._after[at] = text + self._after.get(at, "")

    def _literal(self, at: int) -> str:
        token, stream = self._stream.at(at), self._stream
        if token.kind == "date":
            return f"::mql::datetime({date_seconds(token.text)}LL)"
        if token.kind == "char":
            return f"((ushort)u{token.text})"
        opens = "" if stream.at(at - 1).kind == "text" else "::mql::S("
        closes = "" if stream.at(at + 1).kind == "text" else ")"
        return f"{opens}u{token.text}{closes}"

    def _name(self, at: int) -> str:
        stream = self._stream
        word = stream.text(at)
        if word == "string":
            return cpp_type(word)
        member = stream.text(at - 1) in (".", "::")
        if stream.text(at + 1) == "(" and word in table().functions and not member:
            self._later(stream.partner.get(at + 1, at + 1), ")")
            return f"(::mql::mark(), {word}"
        return word

    def _division(self, at: int) -> str:
        """The divisor is checked where it stands, unless it is a number that is not zero."""
        stream, mark = self._stream, self._stream.text(at)
        last = self._statement_end(at + 1) if _GUARDED[mark] else self._operand_end(at + 1)
        first = stream.at(at + 1)
        if last == at + 1 and first.kind == "number" and re.search("[1-9]", first.text):
            return mark
        self._later(last, ")")
        return f"{mark} ::mql::divisor("

    def _statement_end(self, at: int) -> int:
        """The last token before what ends an assignment."""
        stream = self._stream
        while at < len(stream) - 1 and stream.text(at) not in (";", ",", ")", "]", "}"):
            at = stream.partner.get(at, at) + 1
        return at - 1

    def _operand_end(self, at: int) -> int:
        """The last token of a unary expression with what follows it."""
        stream = self._stream
        while stream.text(at) in ("-", "+", "!", "~", "++", "--") or self._is_cast(at):
            at = stream.partner.get(at, at) + 1
        at = stream.partner.get(at, at)
        while stream.text(at + 1) in ("(", "[", ".", "::", "++", "--"):
            step = stream.text(at + 1)
            at += 2 if step in (".", "::") else 1
            if step in ("(", "["):
                at = stream.partner.get(at, at)
        return at

    def _is_cast(self, at: int) -> bool:
        stream = self._stream
        return (
            stream.text(at) == "("
            and stream.text(at + 1) in self._program.types
            and stream.text(at + 2) == ")"
        )

    def _directive(self, token: Token) -> str:
        word = re.sub(r"#\s*(\w+).*", r"\1", token.text, count=1, flags=re.DOTALL)
        if word == "property":
            return ""
        found = DEFINE.match(token.text)
        if found is None:
            return token.text
        body = Stream(list(tokens_of(found[3].replace("\\\n", " "))))
        written = Writer(self._program, body, []).write()
        lines = "\n" * token.text.count("\n")
        return f"#define {found[1]}{found[2] or ''} {' '.join(written.split())}{lines}"

    def _enum(self, at: int) -> int:
        stream = self._stream
        name, closed = stream.text(at + 1), stream.partner[at + 2]
        self._out.append(f"enum {name} : int")
        inside = Stream([stream.at(one) for one in range(at + 2, closed + 1)])
        self._out.append(Writer(self._program, inside, []).write())
        self._later(closed + 1, " " + enum_text(name, self._program.enums[name]))
        return closed + 1

    def _input(self, at: int) -> int:
        """`input group "…"` is for the terminal's window; an input is a constant set at start."""
        stream = self._stream
        if stream.text(at + 1) == "group":
            return at + (4 if stream.text(at + 3) == ";" else 3)
        kind, name = stream.text(at + 1), stream.text(at + 2)
        self._out.append(f"static const {cpp_type(kind)} {name} = ")
        self._out.append(f'::mql::input<{cpp_type(kind)}>("{name}", ')
        end = at + 4
        while end < len(stream) and stream.text(end) != ";":
            end = stream.partner.get(end, end) + 1
        self._later(end - 1, ")")
        return at + 4

    def _declaration(self, one: Declared) -> int:
        stream, last = self._stream, one.name_at + (2 if one.owner else 0)
        mark = "&" if one.reference else ""
        name = f"{one.owner}::{one.name}" if one.owner else one.name
        if one.follows != "[" or last + 1 not in stream.partner:
            self._out.append(f"{cpp_type(one.type)}{mark} {name}")
            return last + 1
        closed = stream.partner[last + 1]
        self._out.append(f"::mql::Array<{cpp_type(one.type)}>{mark} {name}")
        if one.depth == "parameters":
            return closed + 1
        size = Stream([stream.at(at) for at in range(last + 2, closed)])
        written = Writer(self._program, size, []).write().strip()
        values = stream.text(closed + 1) == "=" and stream.text(closed + 2) == "{"
        if written or values:
            self._out.append(f"{{::mql::Fixed{{{written or '::mql::AS_LISTED'}}}")
            if not values:
                self._out.append("}")
                return closed + 1
            self._out.append(", ")
            self._later(stream.partner.get(closed + 2, closed + 2), "}")
            return closed + 2
        return closed + 1


def _events(program: Program) -> Iterator[str]:
    """What the runtime calls; the program's own names stay in a namespace of their own."""
    yield "\nnamespace mql { const Program program = {"
    for name in table().handlers:
        yield f"  &ea::{name}," if name in program.functions else "  nullptr,"
    yield "}; }\n"


def _file(program: Program, source: Source, folder: Path, names: dict[Path, str]) -> str:
    text = Writer(program, source.stream, program.declared(source)).write()
    lines = []
    for line in text.split("\n"):
        wanted = included_path(source, line, folder) if "include" in line else None
        lines.append(f'#include "{names[wanted]}"' if wanted in names else line)
    return f'#line 1 "{source.path}"\n' + "\n".join(lines)


def translate(program: Program, folder: Path, out: Path) -> Path:
    """Writes the C++ files into `out`; gives the one to compile."""
    names = {one.path: f"{at:02}_{one.path.name}.hpp" for at, one in enumerate(program.sources)}
    for source in program.sources:
        (out / names[source.path]).write_text(_file(program, source, folder, names))
    main = out / "program.cpp"
    main.write_text(
        '#include "runtime.hpp"\nnamespace ea { using namespace mql;\n'
        f'#include "{names[program.main.path]}"\n}}\n' + "\n".join(_events(program))
    )
    return main
