"""Bytes from outside as people may safely see them: nothing hidden, nothing in disguise. Pure."""

from __future__ import annotations

import unicodedata
from typing import Final

# Controls, formats such as text direction, surrogates, line and paragraph separators, unassigned.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"})
# Letters, marks and symbols by category, but nothing to see: fillers, variation selectors.
_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
_NAMED: Final = {"\n": "↵", "\r": "␍", "\t": "⇥", "\0": "␀"}
_ROW: Final = 16


def visible_runs(raw: bytes) -> list[tuple[str, bool]]:
    """Return text in runs: (characters, False) as they are, (a name, True) for one hidden one.

    A byte that is no UTF-8 is named `\\xNN`, a hidden character `U+NNNN`, as is every space but the
    common one. The name of a line feed is followed by a real one, so that lines stay lines.
    """
    runs: list[tuple[str, bool]] = []
    plain: list[str] = []
    for character in raw.decode("utf-8", "surrogateescape"):
        if not _hides(character):
            plain.append(character)
            continue
        if plain:
            runs.append(("".join(plain), False))
        runs.append((_name(character), True))
        plain = ["\n"] if character == "\n" else []
    return [*runs, ("".join(plain), False)] if plain else runs


def hex_dump(raw: bytes) -> str:
    """Return offset, sixteen bytes in hex and as printable ASCII, line by line."""
    return "\n".join(_dump_row(raw, start) for start in range(0, len(raw), _ROW))


def _hides(character: str) -> bool:
    category = unicodedata.category(character)
    # A no-break space looks like a space, and no dialect reads it as one.
    return category in _HIDDEN or character in _BLANKS or (category == "Zs" and character != " ")


def _name(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how `surrogateescape` carries a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"U+{code:04X}"


def _dump_row(raw: bytes, start: int) -> str:
    row = raw[start : start + _ROW]
    shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
    return f"{start:04x}  {row.hex(' '):<47}  {shown}"
