"""A program: its files in the order they are included, and the names that it declares."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from mql5.host.api_table import BUILT_IN_TYPES, table
from mql5.host.tokens import Stream, tokens_of

INCLUDE: Final = re.compile(r"#\s*include\s*(?:\"([^\"]+)\"|<([^>]+)>)\s*(?://.*)?", re.DOTALL)
DEFINE: Final = re.compile(r"#\s*define\s+(\w+)(\([^)]*\))?(.*)", re.DOTALL)
QUALIFIERS: Final = frozenset(["const", "static", "input", "virtual"])


class HostError(Exception):
    """What stops linting, translating, compiling or running; its text is for people."""


@dataclass(frozen=True)
class Declared:
    """`type name` as it stands in the text."""

    at: int  # index of the type's token
    name_at: int
    type: str
    name: str
    reference: bool
    depth: str  # file, type, function, parameters
    follows: str  # the mark after the name
    owner: str = ""  # the class of `type Class::name(`


@dataclass
class Source:
    path: Path
    raw: bytes

    @cached_property
    def text(self) -> str:
        return self.raw.decode("utf-8", errors="replace")

    @cached_property
    def stream(self) -> Stream:
        return Stream(list(tokens_of(self.text)))


@dataclass
class Program:
    main: Source
    sources: list[Source]  # an included file stands before the one that includes it
    enums: dict[str, list[str]] = field(default_factory=dict)
    structs: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    functions: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    methods: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)  # variables, members, parameters
    macros: dict[str, str | None] = field(default_factory=dict)  # name: its parameters

    @cached_property
    def types(self) -> frozenset[str]:
        own = frozenset(self.enums) | self.structs | self.classes
        return own | BUILT_IN_TYPES | table().types

    def declared(self, source: Source) -> list[Declared]:
        return self._declared[source.path]

    @cached_property
    def _declared(self) -> dict[Path, list[Declared]]:
        return {one.path: _declarations(one.stream, self.types) for one in self.sources}

    def handlers(self) -> list[str]:
        return [name for name in table().handlers if name in self.functions]


def _included(source: Source, found: re.Match[str], folder: Path) -> Path:
    plain, angled = found.groups()
    base = folder if angled else source.path.parent
    return (base / (angled or plain).replace("\\", "/")).resolve()


def include_folder(main: Path) -> Path:
    """`Include`, beside the folder of the program (`Experts`), as in a terminal."""
    return main.resolve().parent.parent / "Include"


def included_path(source: Source, directive: str, folder: Path) -> Path | None:
    found = INCLUDE.fullmatch(directive.strip())
    return _included(source, found, folder) if found else None


def _gather(path: Path, folder: Path, seen: dict[Path, Source], order: list[Source]) -> Source:
    try:
        source = Source(path, path.read_bytes())
    except OSError as fault:
        raise HostError(f"{path}: {fault.strerror}") from fault
    seen[path] = source
    for token in source.stream:
        if token.kind == "directive":
            wanted = included_path(source, token.text, folder)
            if wanted is not None and wanted not in seen:
                if not wanted.is_file():
                    raise HostError(f"{path}:{token.line}: there is no {wanted}")
                _gather(wanted, folder, seen, order)
    order.append(source)
    return source


def load(main: Path, folder: Path | None = None) -> Program:
    """Reads the program and all it includes."""
    order: list[Source] = []
    first = _gather(main.resolve(), folder or include_folder(main), {}, order)
    program = Program(first, order)
    for source in order:
        _collect_types(source.stream, program)
    for source in order:
        _collect_macros(source.stream, program)
        _collect_names(source.stream, program, program.declared(source))
    return program


def _collect_types(stream: Stream, program: Program) -> None:
    for at in range(len(stream)):
        word, name = stream.text(at), stream.text(at + 1)
        if word == "enum" and stream.text(at + 2) == "{" and at + 2 in stream.partner:
            members = [stream.text(start) for start, _ in stream.arguments(at + 2)]
            program.enums[name] = [one for one in members if one]
        elif word == "struct":
            program.structs.add(name)
        elif word == "class":
            program.classes.add(name)


def _collect_macros(stream: Stream, program: Program) -> None:
    for token in stream:
        if token.kind == "directive" and (found := DEFINE.match(token.text)):
            program.macros[found[1]] = found[2]


def _collect_names(stream: Stream, program: Program, found: list[Declared]) -> None:
    for one in found:
        callable_ = one.follows == "(" and one.depth in ("file", "type")
        if callable_ and (one.owner or one.depth == "type"):
            program.methods.add(one.name)
        elif callable_:
            inside = stream.arguments(one.name_at + (3 if one.owner else 1))
            optional = sum(
                1 for start, end in inside if any(stream.text(i) == "=" for i in range(start, end))
            )
            if len(inside) == 1 and stream.text(inside[0][0]) == "void":
                inside = []
            counts = (len(inside) - optional, len(inside))
            program.functions.setdefault(one.name, []).append(counts)
        else:
            program.names.add(one.name)


def _depths(stream: Stream) -> list[str]:
    """For each token: inside what it stands."""
    depths: list[str] = []
    stack = ["file"]
    for at in range(len(stream)):
        mark = stream.text(at)
        if mark in ("}", ")") and len(stack) > 1 and at in stream.partner:
            stack.pop()
        depths.append(stack[-1])
        if mark == "{" and at in stream.partner:
            stack.append(_inside(stream, at, stack[-1]))
        elif mark == "(" and at in stream.partner:
            stack.append("parameters" if stack[-1] in ("file", "type") else stack[-1])
    return depths


def _inside(stream: Stream, at: int, outside: str) -> str:
    """What a brace opens: the body of a type, an enumeration, a function."""
    if outside not in ("file", "type"):
        return "function"
    back = at - 1
    while back >= 0 and stream.text(back) not in (";", "}", "{"):
        if stream.at(back).kind == "directive":
            break
        if stream.text(back) in ("struct", "class"):
            return "type"
        if stream.text(back) == "enum":
            return "enum"
        back -= 1
    return "function"


def _declarations(stream: Stream, types: frozenset[str]) -> list[Declared]:
    depths = _depths(stream)
    found = []
    for at in range(len(stream)):
        if stream.text(at) not in types or stream.text(at - 1) in (".", "enum", "struct", "class"):
            continue
        reference = stream.text(at + 1) == "&"
        name_at = at + 1 + reference
        if stream.at(name_at).kind != "name":
            continue
        owner = ""
        last = name_at
        if stream.text(name_at + 1) == "::" and stream.at(name_at + 2).kind == "name":
            owner, last = stream.text(name_at), name_at + 2
        found.append(
            Declared(
                at,
                name_at,
                stream.text(at),
                stream.text(last),
                reference,
                depths[at],
                stream.text(last + 1),
                owner,
            )
        )
    return found
