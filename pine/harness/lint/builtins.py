"""The built-in names of Pine that a script may use, as `builtins.txt` lists them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

VARIABLES: Final[dict[str, str]] = {"na": "na"}  # name to type; `any` where it is of no interest
GIVES: Final[dict[str, str]] = {}  # function to the type of its value
FUNCTIONS: Final[dict[str, list[str]]] = {}  # function to the names of its arguments
_WORDS: Final[dict[str, frozenset[str]]] = {}


def _read(text: str) -> None:
    for line in re.sub(r"\n +", " ", text).splitlines():
        names, bracket, arguments = line.partition(" (")
        first, *rest = names.split()
        if bracket:
            for name in _spelled(names.split()):
                FUNCTIONS[name] = [one for one in arguments[:-1].split(", ") if one]
        elif first == "gives":
            GIVES.update(dict.fromkeys(_spelled(rest[1:]), rest[0]))
        elif first in ("type", "reserved", "keyword", "global", "space"):
            _WORDS[first] = frozenset(rest)
        elif first != "#":
            VARIABLES.update(dict.fromkeys(_spelled(rest), first))


def _spelled(words: list[str]) -> Iterator[str]:
    """The full names: each after the space that stands before it."""
    space = ""
    for word in words:
        if word.endswith(":"):
            space = f"{word[:-1]}."
        else:
            yield space + word


_read(Path(__file__).with_suffix(".txt").read_text())
TYPES: Final = _WORDS["type"]
RESERVED: Final = _WORDS["reserved"]  # that no name may take
KEYWORDS: Final = _WORDS["keyword"]  # that no expression may start with
GLOBAL: Final = _WORDS["global"]  # that may not stand in a block
NAMESPACES: Final = _WORDS["space"] | {
    name.partition(".")[0] for name in (*VARIABLES, *FUNCTIONS) if "." in name
}
