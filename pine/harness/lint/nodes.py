"""What a script is made of: expressions (`Node`) and statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pine.harness.lint.tokens import Token


@dataclass(frozen=True)
class Node:
    """An expression: the word or sign that makes it, and the expressions directly inside.

    Its kind is int, float, bool, string, color, name, call, index, member, unary, binary, ternary
    or list. A call of something other than a name has no text, and that something as first part.
    """

    kind: str
    text: str
    parts: tuple[Node, ...]
    at: Token
    names: tuple[str, ...] = ()  # by which a call gives its arguments; empty where by place

    @property
    def is_literal(self) -> bool:
        return self.kind in ("int", "float", "bool", "string", "color")

    def inside(self) -> Iterator[Node]:
        """This expression and everything in it."""
        yield self
        for part in self.parts:
            yield from part.inside()


@dataclass(frozen=True)
class Named:
    """A name that is declared: of a variable, a parameter, a field or a loop's counter."""

    at: Token
    type: str = ""
    has_default: bool = False

    @property
    def text(self) -> str:
        return self.at.text


@dataclass
class Statement:
    """A line with what stands below it.

    Its kind is declare, assign, run, function, fields, library, or that of a block: if, else if,
    else, for, while, switch, arm. A value that a block works out is the only one in the body.
    """

    kind: str
    at: Token
    text: str = ""  # var or varip, the sign of an assignment, the name of a function or type
    names: list[Named] = field(default_factory=list)
    values: list[Node] = field(default_factory=list)  # conditions, or target and value
    body: list[Statement] = field(default_factory=list)

    @property
    def line(self) -> int:
        return self.at.line

    @property
    def value(self) -> Node | None:
        """What it declares or assigns; none where a block works it out."""
        return self.values[-1] if self.values and not self.body else None

    @property
    def is_kept(self) -> bool:
        """var: the value may have been decided on an earlier bar."""
        return self.text in ("var", "varip")

    @property
    def is_added(self) -> bool:
        """The value is not all, but changes what was there before."""
        return self.kind == "assign" and self.text != ":="

    @property
    def changed(self) -> list[str]:
        """The names that get a value here."""
        return [name.text for name in self.names] if self.kind == "declare" else [self.target]

    @property
    def is_block(self) -> bool:
        return self.kind in ("if", "else if", "else", "for", "while", "switch", "arm")

    @property
    def target(self) -> str:
        """The name that an assignment changes; empty where it changes a field, or is none."""
        is_name = self.kind == "assign" and "." not in self.values[0].text
        return self.values[0].text if is_name and self.values[0].kind == "name" else ""


Path = tuple[Statement, ...]  # a statement at its end, with those around it, outermost first


def every(statements: list[Statement], around: Path = ()) -> Iterator[Path]:
    """Each statement in the order of the source."""
    for one in statements:
        yield (*around, one)
        yield from every(one.body, (*around, one))
