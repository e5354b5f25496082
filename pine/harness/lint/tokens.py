"""First step: Pine source as tokens with line and column; joined, they are the source again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PATTERN: Final = re.compile(
    r"""
    (?P<newline>\r\n|\n|\r)
  | (?P<space>[^\S\r\n]+)
  | (?P<comment>//[^\r\n]*)
  | (?P<triple>\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z))
  | (?P<string>"(?:\\[^\r\n]|[^"\\\r\n])*"|'(?:\\[^\r\n]|[^'\\\r\n])*')
  | (?P<broken>["'][^\r\n]*)
  | (?P<colour>\#(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{6})\b)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
  | (?P<op>=>|:=|==|!=|<=|>=|\+=|-=|\*=|/=|%=|[-+*/%<>=?:,()\[\].])
  | (?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
SILENT: Final = frozenset({"newline", "space", "comment"})


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    line: int
    column: int


def tokenize(source: str) -> list[Token]:
    """Every character of `source` in order; whatever Pine has no word for is `unknown`."""
    tokens: list[Token] = []
    line, line_starts_at = 1, 0
    for found in _PATTERN.finditer(source):
        kind, text = found.lastgroup or "unknown", found.group()
        tokens.append(Token(kind, text, line, found.start() - line_starts_at + 1))
        breaks = list(re.finditer(r"\r\n|\n|\r", text))
        if breaks:
            line += len(breaks)
            line_starts_at = found.start() + breaks[-1].end()
    return tokens


def text_of(token: Token) -> str:
    """What a string token says, without quotes and escapes."""
    width = 3 if token.kind == "triple" else 1
    return re.sub(r"\\(.)", _unescape, token.text[width:-width])


def _unescape(found: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(found.group(1), found.group(1))
