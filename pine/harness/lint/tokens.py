"""First step: Pine source as tokens with line and column; joined, they are the source again."""

import re
from typing import Final, NamedTuple

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
_STRENGTHS: Final = ("or", "and", "== !=", "< > <= >=", "+ -", "* / %")
STRENGTH: Final = {
    sign: strength for strength, signs in enumerate(_STRENGTHS, 1) for sign in signs.split()
}
ASSIGNING: Final = (":=", "+=", "-=", "*=", "/=", "%=")


class Token(NamedTuple):
    kind: str
    text: str
    line: int
    column: int

    @property
    def is_text(self) -> bool:
        return self.kind in ("string", "triple")


class Problem(NamedTuple):
    """A fault of layout or grammar: the tree behind it cannot be trusted."""

    line: int
    rule: str
    words: str


def tokenize(source: str) -> list[Token]:
    """Every character of `source` in order; whatever Pine has no word for is `unknown`."""
    tokens: list[Token] = []
    line, line_starts_at = 1, 0
    for found in _PATTERN.finditer(source):
        kind, text = found.lastgroup or "unknown", found.group()
        tokens.append(Token(kind, text, line, found.start() - line_starts_at + 1))
        for one in re.finditer(r"\r\n|\n|\r", text):
            line += 1
            line_starts_at = found.start() + one.end()
    return tokens


def text_of(token: Token) -> str:
    """What a string token says, without quotes and escapes."""
    width = 3 if token.kind == "triple" else 1
    text = token.text[width:-width]
    return re.sub(r"\\(.)", lambda one: {"n": "\n", "t": "\t"}.get(one[1], one[1]), text)
