"""What a script is made of: expressions and statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pine.harness.lint.tokens import Token


@dataclass(frozen=True)
class Expression:
    at: Token


@dataclass(frozen=True)
class Literal(Expression):
    kind: str  # int, float, bool, string, color
    text: str


@dataclass(frozen=True)
class Name(Expression):
    text: str


@dataclass(frozen=True)
class Argument:
    name: str | None
    value: Expression


@dataclass(frozen=True)
class Call(Expression):
    name: str  # empty where something other than a name is called
    callee: Expression
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Index(Expression):
    base: Expression
    offset: Expression


@dataclass(frozen=True)
class Member(Expression):
    base: Expression
    name: str


@dataclass(frozen=True)
class Unary(Expression):
    op: str
    value: Expression


@dataclass(frozen=True)
class Binary(Expression):
    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Ternary(Expression):
    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True)
class Listed(Expression):
    items: tuple[Expression, ...]


def parts(node: Expression) -> Iterator[Expression]:
    """The expressions directly inside this one."""
    match node:
        case Call():
            if not node.name:
                yield node.callee
            yield from (argument.value for argument in node.arguments)
        case Index():
            yield from (node.base, node.offset)
        case Member():
            yield node.base
        case Unary():
            yield node.value
        case Binary():
            yield from (node.left, node.right)
        case Ternary():
            yield from (node.condition, node.yes, node.no)
        case Listed():
            yield from node.items


def inside(node: Expression) -> Iterator[Expression]:
    """This expression and everything in it."""
    yield node
    for part in parts(node):
        yield from inside(part)


@dataclass(frozen=True)
class Parameter:
    at: Token
    name: str
    type: str
    default: Expression | None = None


@dataclass
class Statement:
    at: Token


@dataclass
class Block(Statement):
    """if, else if, else, for, while, switch, or one arm of a switch."""

    keyword: str
    conditions: list[Expression]
    loop_names: list[Token] = field(default_factory=list)
    body: list[Statement] = field(default_factory=list)


@dataclass
class Declare(Statement):
    mode: str  # var, varip or empty
    type: str
    names: list[Token]
    value: Expression | Block


@dataclass
class Assign(Statement):
    target: Expression
    op: str
    value: Expression | Block


@dataclass
class Run(Statement):
    value: Expression


@dataclass
class Function(Statement):
    name: str
    parameters: list[Parameter]
    body: list[Statement]
    is_method: bool = False


@dataclass
class Fields(Statement):
    """A type or an enum of the script's own."""

    keyword: str
    name: str
    names: list[str]


@dataclass
class Library(Statement):
    """An import or export; refused by a rule, so its words are not read."""

    keyword: str
