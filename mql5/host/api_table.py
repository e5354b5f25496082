"""The table of the MQL5 API: reads `api/*.txt`, of which linter and C++ declarations are made."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("api")
NUMBER_TYPES: Final = {
    "bool": "bool",
    "char": "char",
    "uchar": "uchar",
    "short": "short",
    "ushort": "ushort",
    "int": "int",
    "uint": "uint",
    "long": "long",
    "ulong": "ulong",
    "float": "float",
    "double": "double",
    "datetime": "datetime",
}
BUILT_IN_TYPES: Final = frozenset(NUMBER_TYPES) | {"string", "void"}
_SIGNATURE: Final = re.compile(r"(\w+) (\w+)\((.*)\);( broker)?")
_PARAMETER: Final = re.compile(r"(const )?(\w+) (&?)(\w+)(\[\])?(?: = (.+))?")
_CONSTANT: Final = re.compile(r"const (\w+) (\w+) = (.+);")
_ENUM: Final = re.compile(r"enum (\w+)( opaque)? \{ (.*) \};")
_STRUCT: Final = re.compile(r"struct (\w+) \{ (.*) \};")


@dataclass(frozen=True)
class Parameter:
    type: str
    name: str
    const: bool = False
    by_reference: bool = False
    array: bool = False
    default: str = ""


@dataclass(frozen=True)
class Function:
    gives: str
    name: str
    parameters: tuple[Parameter, ...]
    page: str
    needs_broker: bool = False
    any_number: bool = False

    @property
    def generic(self) -> bool:
        return self.any_number or any(one.type == "T" for one in self.parameters)

    @property
    def least(self) -> int:
        return sum(1 for one in self.parameters if not one.default)

    def takes(self, count: int) -> bool:
        return self.least <= count and (self.any_number or count <= len(self.parameters))


@dataclass
class Table:
    functions: dict[str, list[Function]] = field(default_factory=dict)
    handlers: dict[str, Function] = field(default_factory=dict)
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)  # name: type, value
    enums: dict[str, list[str]] = field(default_factory=dict)  # name: `MEMBER` or `MEMBER = 1`
    structs: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)  # name: page of the Reference

    @property
    def types(self) -> frozenset[str]:
        return frozenset(self.enums) | frozenset(self.structs)

    @property
    def values(self) -> frozenset[str]:
        members = (one.split(" ")[0] for all_of in self.enums.values() for one in all_of)
        return frozenset(self.constants) | frozenset(members)


def _parameter(text: str) -> Parameter:
    found = _PARAMETER.fullmatch(text)
    if found is None:
        raise ValueError(f"no parameter: {text}")
    const, kind, reference, name, array, default = found.groups()
    return Parameter(kind, name, bool(const), bool(reference), bool(array), default or "")


def _function(line: str, page: str) -> Function | None:
    found = _SIGNATURE.fullmatch(line)
    if found is None:
        return None
    gives, name, inside, broker = found.groups()
    words = [one for one in re.split(r", (?![^(]*\))", inside) if one]
    any_number = words[-1:] == ["..."]
    listed = words[:-1] if any_number else words
    parameters = tuple(_parameter(one) for one in listed)
    return Function(gives, name, parameters, page, bool(broker), any_number)


def _add(table: Table, line: str, page: str, handlers: bool) -> None:
    if function := _function(line, page):
        if handlers:
            table.handlers[function.name] = function
        else:
            table.functions.setdefault(function.name, []).append(function)
        name = function.name
    elif constant := _CONSTANT.fullmatch(line):
        name = constant[2]
        table.constants[name] = (constant[1], constant[3])
    elif enum := _ENUM.fullmatch(line):
        name = enum[1]
        table.enums[name] = enum[3].split(", ")
    elif struct := _STRUCT.fullmatch(line):
        name = struct[1]
        table.structs[name] = struct[2]
    else:
        raise ValueError(f"the API table has a line that cannot be read: {line}")
    table.pages[name] = page


@cache
def table() -> Table:
    """The whole table. A line that cannot be read, or that names no page, is an error."""
    whole = Table()
    for path in sorted(FOLDER.glob("*.txt")):
        page = ""
        for line in path.read_text().splitlines():
            if line.startswith("page "):
                page = line.removeprefix("page ")
            elif line and not line.startswith("#"):
                if not page:
                    raise ValueError(f"{path.name}: no page above: {line}")
                _add(whole, line, page, path.name == "handlers.txt")
    return whole
