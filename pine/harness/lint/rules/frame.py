"""Rules about the frame of a script: version, declaration, header, identity, strategy settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pine.harness.lint.nodes import Assign, Declare, Literal, Name
from pine.harness.lint.rule import Found, Rule
from pine.harness.lint.script import Script, argument, every_statement, literal_text

_VERSION_LINE: Final = "//@version=6"
_DOCUMENTS: Final = ("docs/pine.md", "docs/architecture.md")
_SHORT_TITLE_MAX: Final = 10
_SEMVER: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_SETTINGS: Final = (
    "initial_capital", "currency", "default_qty_type", "default_qty_value", "commission_type",
    "commission_value", "slippage", "pyramiding",
)  # fmt: skip


def _version(script: Script) -> Iterator[Found]:
    if script.source.split("\n", 1)[0] != _VERSION_LINE:
        yield Found(1, f"the first line must be exactly {_VERSION_LINE}")


def _declaration(script: Script) -> Iterator[Found]:
    found = script.declarations
    if not found:
        yield Found(1, "nothing is declared; write strategy(...) or indicator(...)")
    for call, _ in found[1:]:
        yield Found(call.at.line, "a second declaration; a script has exactly one")
    if found and found[0][0].name == "library":
        yield Found(found[0][0].at.line, "a library sends nothing; write strategy or indicator")


def _title(script: Script) -> Iterator[Found]:
    for call, _ in script.declarations[:1]:
        title = literal_text(argument(call, 0, "title"))
        if title is None:
            yield Found(call.at.line, "the title must be a plain text, not a variable or a sum")
        elif not title.strip() or title.isupper():
            yield Found(call.at.line, "the title must be written in normal letters, not capitals")
        short = literal_text(argument(call, 1, "shorttitle"))
        if short is not None and len(short) > _SHORT_TITLE_MAX:
            words = f"shorttitle has {len(short)} characters; TradingView takes {_SHORT_TITLE_MAX}"
            yield Found(call.at.line, words)


def _ascii(script: Script) -> Iterator[Found]:
    for number, line in enumerate(script.source.split("\n"), 1):
        strange = [letter for letter in line if not letter.isascii()]
        if strange:
            yield Found(number, f"only ASCII is allowed; replace {strange[0]!a}")


def _header(script: Script) -> Iterator[Found]:
    opening = script.declarations[0][0].at.line if script.declarations else 1
    head = [one.text for one in script.tokens if one.kind == "comment" and one.line < opening]
    for document in _DOCUMENTS:
        if document not in " ".join(head):
            yield Found(1, f"the comment above the declaration must name {document}")


def _identity(script: Script) -> Iterator[Found]:
    name, line = _constant(script, "SCRIPT")
    if name != script.path.stem:
        yield Found(line, f'write string SCRIPT = "{script.path.stem}", the name of the file, once')
    version, line = _constant(script, "VERSION")
    if version is None or not _SEMVER.fullmatch(version):
        yield Found(line, 'write string VERSION = "1.2.3", three numbers, once')


def _constant(script: Script, name: str) -> tuple[str | None, int]:
    """The text that `name` always has and the line of it; none where it can change."""
    texts: list[str | None] = []
    line = 1
    for one, _ in every_statement(script.statements):
        if isinstance(one, Declare) and any(word.text == name for word in one.names):
            line = one.at.line
            is_plain = isinstance(one.value, Literal) and one.value.kind == "string"
            texts.append(one.value.text if is_plain and isinstance(one.value, Literal) else None)
        elif isinstance(one, Assign) and isinstance(one.target, Name) and one.target.text == name:
            line, texts = one.at.line, [None]
    return (texts[0] if len(texts) == 1 else None), line


def _settings(script: Script) -> Iterator[Found]:
    for call, _ in script.declarations:
        given = {one.name for one in call.arguments}
        missing = [name for name in _SETTINGS if name not in given]
        if call.name == "strategy" and missing:
            yield Found(call.at.line, f"say {', '.join(missing)}; TradingView changes its defaults")


RULES: Final = (
    Rule("version-line", "without it TradingView compiles an old version", _version, False),
    Rule("one-declaration", "TradingView demands exactly one", _declaration),
    Rule("title", "TradingView publishes no computed or shouted titles", _title),
    Rule("ascii", "other letters differ between TradingView, JSON and terminals", _ascii, False),
    Rule("header", "a reader must find the guide and where the alerts go", _header),
    Rule("identity", "the server knows a script by name and version", _identity),
    Rule("strategy-settings", "defaults changed between versions", _settings),
)
