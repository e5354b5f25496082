"""The API table as C++: declarations, constants, enumerations, and what the runtime promises."""

import re
from collections.abc import Iterator

from mql5.host.api_table import Function, Parameter, Table


def cpp_type(name: str) -> str:
    return "::mql::String" if name == "string" else name


def _parameter(one: Parameter, named: bool) -> str:
    kind = f"Array<{cpp_type(one.type)}>" if one.array else cpp_type(one.type)
    text = ("const " if one.const else "") + kind + ("&" if one.by_reference else "")
    if not named:
        return text
    # A number for a char16_t literal: a table value such as ';' may stand for a short.
    return f"{text} {one.name}" + (f" = {one.default}" if one.default else "").replace(
        '""', 'S(u"")'
    )


def _head(function: Function, named: bool) -> str:
    inside = ", ".join(_parameter(one, named) for one in function.parameters)
    return f"{cpp_type(function.gives)} {function.name}({inside})"


def enum_text(name: str, members: list[str]) -> str:
    """What goes with an enumeration: its names as text, and the other way round."""
    names = [one.split(" ")[0] for one in members]
    told = "".join(f'if (v == {one}) return ::mql::S(u"{one}"); ' for one in names)
    read = "".join(f'if (t == ::mql::S(u"{one}")) {{ v = {one}; return true; }} ' for one in names)
    return (
        f"inline ::mql::String EnumToString({name} v) {{ {told}"
        f'return ::mql::S(u"{name}::") + ::mql::digits_of((int)v); }} '
        f"inline bool enum_of(const ::mql::String& t, {name}& v) {{ {read}return false; }}"
    )


def _lines(table: Table) -> Iterator[str]:
    yield "// Made from mql5/host/api; do not edit."
    yield "#pragma once"
    yield '#include "base.hpp"'
    # The C library has macros of the same names.
    yield from (f"#undef {name}" for name in sorted(table.values))
    yield "namespace mql {"
    for name, members in table.enums.items():
        yield f"enum {name} : int {{ {', '.join(members)} }};"
        yield enum_text(name, members)
    for name, (kind, value) in table.constants.items():
        yield f"inline constexpr {kind} {name} = {value};"
    for name, members_text in table.structs.items():
        text = re.sub(r"\bstring\b", "String", members_text)
        yield f"struct {name} {{ {text} }};"
    for function in (one for all_of in table.functions.values() for one in all_of):
        if not function.generic:
            yield _head(function, named=True) + ";"
    yield "}"


def header(table: Table) -> str:
    """`api.hpp`. A definition in the runtime that differs from the table does not link."""
    return "\n".join(_lines(table)) + "\n"


def promised(table: Table) -> str:
    """Takes every address that the table promises: what the runtime lacks does not link."""
    plain = [one for all_of in table.functions.values() for one in all_of if not one.generic]
    lines = ['#include "api.hpp"', "namespace mql {"]
    lines += ["extern void (*const promised[])();", "void (*const promised[])() = {"]
    lines += [f"    (void (*)())({_pointer(one)})&{one.name}," for one in plain]
    return "\n".join([*lines, "};", "}"]) + "\n"


def _pointer(function: Function) -> str:
    inside = ", ".join(_parameter(one, named=False) for one in function.parameters)
    return f"{cpp_type(function.gives)} (*)({inside})"
