"""Rules about the frame of a script: version, declaration, header, identity, strategy settings."""

import re
from typing import Final

from pine.harness.lint.rule import Found, rule
from pine.harness.lint.script import Script, literal_text

_VERSION_LINE: Final = "//@version=6"
_SHORT_TITLE_MAX: Final = 10
_SEMVER: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_SETTINGS: Final = (
    "initial_capital currency default_qty_type default_qty_value commission_type"
    " commission_value slippage pyramiding"
)


@rule("version-line", "without it TradingView compiles an old version", needs_tree=False)
def _version_line(script: Script) -> Found:
    if script.source.split("\n", 1)[0] != _VERSION_LINE:
        yield 1, f"the first line must be exactly {_VERSION_LINE}"


@rule("one-declaration", "TradingView demands exactly one")
def _one_declaration(script: Script) -> Found:
    found = script.declarations
    if not found:
        yield 1, "nothing is declared; write strategy(...) or indicator(...)"
    for site in found[1:]:
        yield site.line, "a second declaration; a script has exactly one"
    for site in found[:1]:
        if site.node.text == "library":
            yield site.line, "a library sends nothing; write strategy or indicator"


@rule("title", "TradingView publishes no computed or shouted titles")
def _title(script: Script) -> Found:
    for site in script.declarations[:1]:
        words = literal_text(script.argument(site.node, "title"))
        if words is None:
            yield site.line, "the title must be a plain text, not a variable or a sum"
        elif not words.strip() or words.isupper():
            yield site.line, "the title must be written in normal letters, not capitals"
        size = len(literal_text(script.argument(site.node, "shorttitle")) or "")
        if size > _SHORT_TITLE_MAX:
            yield site.line, f"shorttitle has {size} characters; TradingView takes 10"


@rule("ascii", "other letters differ between TradingView, JSON and terminals", needs_tree=False)
def _ascii_only(script: Script) -> Found:
    for number, line in enumerate(script.source.split("\n"), 1):
        if strange := re.search(r"[^\x00-\x7f]", line):
            yield number, f"only ASCII is allowed; replace {strange[0]!a}"


@rule("header", "a reader must find the guide and where the alerts go")
def _header(script: Script) -> Found:
    opening = script.declarations[0].line if script.declarations else 1
    head = [one.text for one in script.tokens if one.kind == "comment" and one.line < opening]
    for document in ("docs/pine.md", "docs/architecture.md"):
        if document not in " ".join(head):
            yield 1, f"the comment above the declaration must name {document}"


@rule("identity", "the server knows a script by name and version")
def _identity(script: Script) -> Found:
    name, line = _constant(script, "SCRIPT")
    if name != script.path.stem:
        yield line, f'write string SCRIPT = "{script.path.stem}", the name of the file, once'
    version, line = _constant(script, "VERSION")
    if not _SEMVER.fullmatch(version or ""):
        yield line, 'write string VERSION = "1.2.3", three numbers, once'


def _constant(script: Script, name: str) -> tuple[str | None, int]:
    """The text that `name` always has and the line of it; none where it can change."""
    known = script.flow.definitions(name)
    text = literal_text(known[0].value) if len(known) == 1 else None
    return text, known[-1].line if known else 1


@rule("strategy-settings", "defaults changed between versions")
def _strategy_settings(script: Script) -> Found:
    for site in script.calls("strategy"):
        missing = [name for name in _SETTINGS.split() if name not in site.node.names]
        if missing:
            yield site.line, f"say {', '.join(missing)}; TradingView changes its defaults"
