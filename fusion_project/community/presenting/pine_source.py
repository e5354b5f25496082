"""Reads what a Pine script says of itself: its header comment, its kind, its inputs. Pure."""

import re
from dataclasses import dataclass
from itertools import takewhile

_VERSION_LINE = "//@version="
_IDEA_MARK = "Idea: "
# The header's last words name files of the repository, which a reader of the page does not have.
_POINTER = re.compile(r"\s*Guide: docs/.*$")
_CONSTANT = re.compile(r'^string (\w+) = "([^"]*)"$', re.MULTILINE)
_STRATEGY = re.compile(r"^strategy\(", re.MULTILINE)
_INPUT = re.compile(r"^\w+ \w+ = input\.(\w+)\(", re.MULTILINE)
_NAMED = re.compile(r"(\w+)\s*=\s*(.*)", re.DOTALL)
# A whole string is one token, so that a bracket or a comma inside of it means nothing.
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|.', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Input:
    """One setting that the script's dialog offers."""

    group: str
    title: str
    kind: str
    default: str
    allowed: str
    tooltip: str


@dataclass(frozen=True, slots=True)
class Source:
    """A script in its own words. `summary` is the title line after its name."""

    title: str
    name: str
    summary: str
    paragraphs: tuple[str, ...]
    is_strategy: bool
    version: str
    inputs: tuple[Input, ...]
    line_count: int


def source_parse(text: str) -> Source:
    """Read a script; what it does not say stays empty."""
    title, paragraphs = _header(text)
    name, _, summary = title.partition(": ")
    constants = dict(_CONSTANT.findall(text))
    return Source(
        title=title,
        name=name,
        summary=_sentence(summary),
        paragraphs=paragraphs,
        is_strategy=bool(_STRATEGY.search(text)),
        version=constants.get("VERSION", ""),
        inputs=tuple(_inputs(text, constants)),
        line_count=len(text.splitlines()),
    )


def _header(text: str) -> tuple[str, tuple[str, ...]]:
    """The first comment line, and the blocks between empty comment lines after it."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(_VERSION_LINE):
            break
    words = [line[2:].strip() for line in takewhile(lambda one: one.startswith("//"), lines)]
    if not words:
        return "", ()
    blocks = "\n".join(words[1:]).split("\n\n")
    cleaned = [_POINTER.sub("", block.replace("\n", " ").strip()) for block in blocks]
    paragraphs = tuple(_sentence(one.removeprefix(_IDEA_MARK)) for one in cleaned if one)
    return words[0].removesuffix("."), paragraphs


def _inputs(text: str, constants: dict[str, str]) -> list[Input]:
    found = []
    for match in _INPUT.finditer(text):
        plain, named = _split(_arguments(text[match.end() :]))
        named = {
            "defval": "",
            "title": "",
            **dict(zip(("defval", "title"), plain, strict=False)),
            **named,
        }
        group = named.get("group", "")
        found.append(
            Input(
                group=constants.get(group, _unquoted(group)),
                title=_unquoted(named["title"]),
                kind=match[1],
                default=_unquoted(named["defval"]),
                allowed=_allowed(named),
                tooltip=_unquoted(named.get("tooltip", "")),
            )
        )
    return found


def _arguments(text: str) -> list[str]:
    """The arguments of a call; `text` begins after its opening bracket."""
    parts, depth = [""], 0
    for piece in _TOKEN.findall(text):
        if piece in "([":
            depth += 1
        elif piece in ")]":
            depth -= 1
            if depth < 0:
                break
        elif piece == "," and depth == 0:
            parts.append("")
            continue
        parts[-1] += piece
    return [" ".join(part.split()) for part in parts]


def _split(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    plain, named = [], {}
    for one in arguments:
        if match := _NAMED.fullmatch(one):
            named[match[1]] = match[2]
        else:
            plain.append(one)
    return plain, named


def _allowed(named: dict[str, str]) -> str:
    if "options" in named:
        return ", ".join(_unquoted(one) for one in _arguments(named["options"][1:]))
    low, high = named.get("minval"), named.get("maxval")
    if low and high:
        return f"{low} to {high}"
    return f"from {low}" if low else f"up to {high}" if high else ""


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
