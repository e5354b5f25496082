"""MQL5 text as tokens; each keeps the space before it, so that lines stay where they were."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, overload

_SPACE: Final = re.compile(r"(?:[ \t\r\n\ufeff]+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_TOKEN: Final = re.compile(
    r"""(?P<directive>\#(?:\\\r?\n|[^\n])*)
    |(?P<date>D'[^'\n]*')
    |(?P<colour>C'[^'\n]*')
    |(?P<text>"(?:[^"\\\n]|\\.)*")
    |(?P<char>'(?:[^'\\\n]|\\.)+')
    |(?P<number>0[xX][0-9a-fA-F]+[uUlL]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFuUlL]*)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<mark><<=|>>=|\.\.\.|->|::|\#\#|\+\+|--|&&|\|\||<<|>>|[<>=!+\-*/%&|^]=|[{}()\[\];,.:?<>=!+\-*/%&|^~])
    |(?P<strange>.)""",
    re.VERBOSE | re.DOTALL,
)
OPENING: Final = {"(": ")", "[": "]", "{": "}"}
CLOSING: Final = frozenset(OPENING.values())


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    line: int
    before: str = ""


END: Final = Token("end", "", 0)


def blank(text: str) -> str:
    """Comments become space; the line ends in them stay."""
    return re.sub(
        r"//[^\n]*|/\*.*?\*/",
        lambda found: "\n" * found[0].count("\n") or " ",
        text.replace("\ufeff", "").replace("\r", ""),
        flags=re.DOTALL,
    )


def tokens_of(text: str, line: int = 1) -> Iterator[Token]:
    """The tokens; the last one is an empty `end` that keeps the space before it."""
    at, before, fresh = 0, "", True
    while at < len(text):
        if space := _SPACE.match(text, at):
            before += blank(space[0])
            line += space[0].count("\n")
            fresh = fresh or "\n" in space[0]
            at = space.end()
            continue
        found = _TOKEN.match(text, at)
        assert found is not None  # `strange` takes whatever else there is
        kind, word = str(found.lastgroup), found[0]
        if kind == "directive" and not fresh:
            word = "##" if word.startswith("##") else "#"
            kind = "mark"
        at += len(word)
        yield Token(kind, word, line, before)
        line += word.count("\n")
        before, fresh = "", False
    yield Token("end", "", line, before)


class Stream(Sequence[Token]):
    """Tokens with their partner brackets."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.partner: dict[int, int] = {}
        self.loose: list[int] = []  # brackets that have no partner
        self._pair()

    def _pair(self) -> None:
        waiting: list[int] = []
        for at, token in enumerate(self._tokens):
            if token.kind != "mark":
                continue
            if token.text in OPENING:
                waiting.append(at)
            elif token.text in CLOSING:
                if waiting and OPENING[self._tokens[waiting[-1]].text] == token.text:
                    opened = waiting.pop()
                    self.partner |= {opened: at, at: opened}
                else:
                    self.loose.append(at)
        self.loose += waiting

    def __len__(self) -> int:
        return len(self._tokens)

    @overload
    def __getitem__(self, at: int) -> Token: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Token]: ...
    def __getitem__(self, at: int | slice) -> Token | Sequence[Token]:
        return self._tokens[at]

    def at(self, index: int) -> Token:
        """The token there; `END` outside."""
        return self._tokens[index] if 0 <= index < len(self._tokens) else END

    def text(self, index: int) -> str:
        """The word or mark there; nothing for literals, so that no text passes for code."""
        token = self.at(index)
        return token.text if token.kind in ("name", "mark") else ""

    def arguments(self, opened: int) -> list[tuple[int, int]]:
        """From and to (exclusive) of what stands between the commas of a bracket."""
        closed = self.partner.get(opened, len(self) - 1)
        found: list[tuple[int, int]] = []
        start = at = opened + 1
        while at < closed:
            if self.text(at) in OPENING and at in self.partner:
                at = self.partner[at]
            elif self.text(at) == ",":
                found.append((start, at))
                start = at + 1
            at += 1
        return [*found, (start, closed)] if closed > opened + 1 else []
