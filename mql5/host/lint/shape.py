"""Declarations: what may be declared, and how."""

from collections.abc import Iterator
from typing import Final

from mql5.host.api_table import BUILT_IN_TYPES, NUMBER_TYPES, table
from mql5.host.lint.rule import Found, rule
from mql5.host.program import Declared, Program, Source

_LOCAL: Final = ("function",)
_ENDS: Final = (";", "{", "}")


def _each(program: Program, source: Source, *depths: str) -> Iterator[tuple[Declared, int]]:
    for one in program.declared(source):
        if not depths or one.depth in depths:
            yield one, source.stream.at(one.at).line


def _declares_variable(one: Declared) -> bool:
    return one.depth != "parameters" and (one.follows != "(" or one.depth == "function")


@rule("reference", "references are for parameters")
def _references(program: Program, source: Source) -> Found:
    for one, line in _each(program, source, "file", "type", "function"):
        if one.reference:
            yield line, f"{one.type} &{one.name}: only a parameter may be a reference"


@rule("array-by-value", "arrays are handed over by reference")
def _array_values(program: Program, source: Source) -> Found:
    for one, line in _each(program, source, "parameters"):
        if one.follows == "[" and not one.reference:
            yield line, f"write {one.type} &{one.name}[]"


@rule("struct-by-value", "structures and objects are handed over by reference")
def _struct_values(program: Program, source: Source) -> Found:
    kinds = program.structs | program.classes | frozenset(table().structs)
    for one, line in _each(program, source, "parameters"):
        if one.type in kinds and not one.reference and one.follows != "[":
            yield line, f"write const {one.type} &{one.name}"


@rule("parameter-array-size", "an array parameter has no size")
def _sized_parameters(program: Program, source: Source) -> Found:
    for one, line in _each(program, source, "parameters"):
        if one.follows == "[" and source.stream.text(one.name_at + 2) != "]":
            yield line, f"write {one.type} &{one.name}[]"


@rule("dimensions", "arrays have one dimension")
def _dimensions(program: Program, source: Source) -> Found:
    stream = source.stream
    for one, line in _each(program, source):
        if one.follows == "[":
            closed = stream.partner.get(one.name_at + 1, one.name_at)
            if stream.text(closed + 1) == "[":
                yield line, f"{one.name}: use an array of a structure"


@rule("one-each", "an array stands alone in its declaration")
def _several(program: Program, source: Source) -> Found:
    stream = source.stream
    for one, line in _each(program, source, "file", "type", "function"):
        if not _declares_variable(one) or stream.text(one.at - 1) in ("(", ","):
            continue
        commas = arrays = 0
        at = one.name_at + 1
        while at < len(stream) and stream.text(at) not in _ENDS:
            commas += stream.text(at) == ","
            arrays += stream.text(at) == "[" and stream.at(at - 1).kind == "name"
            at = stream.partner.get(at, at) + 1
        if commas and (one.follows == "[" or _array_after_comma(source, one)):
            yield line, "declare each array by itself"


def _array_after_comma(source: Source, one: Declared) -> bool:
    stream, at = source.stream, one.name_at + 1
    while at < len(stream) and stream.text(at) not in _ENDS:
        named = stream.text(at) == "," and stream.at(at + 1).kind == "name"
        if named and stream.text(at + 2) == "[":
            return True
        at = stream.partner.get(at, at) + 1
    return False


@rule("uninitialised", "a local variable has a value from the start")
def _uninitialised(program: Program, source: Source) -> Found:
    stream = source.stream
    enums = frozenset(program.enums) | frozenset(table().enums)
    for one, line in _each(program, source, *_LOCAL):
        plain = one.type in NUMBER_TYPES or one.type in enums
        if not plain or one.follows not in (";", ","):
            continue
        if stream.text(one.at - 1) == "static":
            continue
        yield line, f"{one.type} {one.name} = …: it would hold what was in memory"


@rule("brace-value", "values in braces are for arrays")
def _braces(program: Program, source: Source) -> Found:
    stream = source.stream
    for one, line in _each(program, source):
        if not _declares_variable(one) or one.follows == "[":
            continue
        direct = one.follows == "{"
        assigned = one.follows == "=" and stream.text(one.name_at + 2) == "{"
        if direct or assigned:
            yield line, f"{one.name}: declare it, then ZeroMemory({one.name})"


@rule("empty-braces", "no empty braces as a value")
def _empty_braces(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if [stream.text(at + step) for step in range(3)] == ["=", "{", "}"]:
            yield token.line, "declare it, then ZeroMemory"


@rule("member-value", "members get their values in a constructor or by ZeroMemory")
def _members(program: Program, source: Source) -> Found:
    for one, line in _each(program, source, "type"):
        if one.follows == "=":
            yield line, f"{one.type} {one.name}: no value where a member is declared"
        elif one.follows == "[":
            closed = source.stream.partner.get(one.name_at + 1, one.name_at)
            if source.stream.text(closed + 1) == "=":
                yield line, f"{one.type} {one.name}[]: no value where a member is declared"


@rule("inheritance", "one base at most")
def _bases(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if stream.text(at) in ("class", "struct") and stream.text(at + 2) == ":":
            end = at + 3
            while end < len(stream) and stream.text(end) not in _ENDS:
                if stream.text(end) == ",":
                    yield token.line, f"{stream.text(at + 1)}: one base at most"
                    break
                end += 1


@rule("enum", "an enumeration has a name and stands at the top of a file")
def _enums(program: Program, source: Source) -> Found:
    stream, depth = source.stream, 0
    for at, token in enumerate(stream):
        depth += (stream.text(at) == "{") - (stream.text(at) == "}")
        if stream.text(at) != "enum":
            continue
        if stream.at(at + 1).kind != "name" or stream.text(at + 1) == "class":
            yield token.line, "give the enumeration a name: enum Name { … }"
        elif depth > 0:
            yield token.line, f"{stream.text(at + 1)}: put it at the top of the file"
        elif stream.text(at + 2) == ":":
            yield token.line, f"{stream.text(at + 1)}: MQL5 has no types of enumerations"


@rule("anonymous", "structures and classes have names, and declare no variable at once")
def _anonymous(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        if stream.text(at) in ("struct", "class") and stream.at(at + 1).kind != "name":
            yield token.line, "give it a name"


@rule("array-value", "an array is copied by ArrayCopy")
def _array_assigned(program: Program, source: Source) -> Found:
    stream = source.stream
    arrays = {one.name for one in program.declared(source) if one.follows == "["}
    members = _member_arrays(program)
    scalars = {one.name for one in program.declared(source) if one.follows != "["}
    for at, token in enumerate(stream):
        if token.kind != "name" or stream.text(at + 1) != "=" or stream.text(at + 2) == "{":
            continue
        member = stream.text(at - 1) == "."
        known = members if member else arrays - scalars
        declared = stream.text(at - 1) in program.types
        if token.text in known and not declared:
            yield token.line, f"write ArrayCopy({token.text}, …)"


def _member_arrays(program: Program) -> set[str]:
    """Members that are arrays in every type that has them."""
    inside = [
        one for source in program.sources for one in program.declared(source) if one.depth == "type"
    ]
    return {one.name for one in inside if one.follows == "["} - {
        one.name for one in inside if one.follows != "["
    }


@rule("shadow", "names of the API are not taken")
def _taken(program: Program, source: Source) -> Found:
    api = frozenset(table().functions) | table().types | table().values
    for one, line in _each(program, source):
        if one.name in api:
            yield line, f"{one.name} is a name of MQL5"
    stream = source.stream
    for at, token in enumerate(stream):
        if stream.text(at) in ("struct", "class", "enum") and stream.text(at + 1) in api:
            yield token.line, f"{stream.text(at + 1)} is a name of MQL5"


@rule("cast", "numbers and text are turned into each other by functions")
def _casts(program: Program, source: Source) -> Found:
    stream = source.stream
    for at, token in enumerate(stream):
        plain = stream.text(at) == "(" and stream.text(at + 2) == ")"
        if plain and stream.text(at + 1) == "string":
            yield token.line, "write IntegerToString, DoubleToString or StringFormat"
        if stream.text(at) == "string" and stream.text(at + 1) == "(":
            yield token.line, "write IntegerToString, DoubleToString or StringFormat"


@rule("type", "each type is known")
def _types(program: Program, source: Source) -> Found:
    """Two names side by side declare something; the first is a type then."""
    stream = source.stream
    words = BUILT_IN_TYPES | program.types | KEYWORDS
    for at, token in enumerate(stream):
        following = stream.at(at + 1)
        pair = token.kind == "name" and following.kind == "name" and following.text not in KEYWORDS
        if pair and token.text not in words:
            yield token.line, f"{token.text} is no type that the host or the program knows"


_WORDS: Final = """
if else for while do switch case default break continue return const static virtual override
struct class enum public private protected input group true false sizeof
"""
KEYWORDS: Final = frozenset(_WORDS.split())
