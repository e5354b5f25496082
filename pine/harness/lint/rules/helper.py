"""Rules about the helper block: one in each script, the same in all, and it only makes text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pine.harness.lint.nodes import (
    Assign,
    Block,
    Declare,
    Expression,
    Fields,
    Function,
    Library,
    Name,
    Run,
)
from pine.harness.lint.rule import Found, Rule
from pine.harness.lint.script import END_REGION, REGION, START_REGION, Script, every_statement

_QUIET: Final = ("na", "nz")
_TEXT_SPACES: Final = ("str.", "math.", "syminfo.", "array.", "format.")


def _block(script: Script) -> Iterator[Found]:
    opened = [one for one in script.tokens if one.text.startswith(START_REGION)]
    closed = [one for one in script.tokens if one.text.startswith(END_REGION)]
    if not opened:
        yield Found(1, "the helper block is missing; copy it from another script, with its marks")
    for one in opened:
        if not REGION.fullmatch(one.text):
            yield Found(one.line, "write //#region df.signal helper block 1.2.3 and the rest")
    for one in opened[1:]:
        yield Found(one.line, "a second helper block; a script has exactly one")
    if opened and not any(one.line > opened[0].line for one in closed):
        yield Found(opened[0].line, f"the helper block is not closed; write {END_REGION} after it")


def _text_only(script: Script) -> Iterator[Found]:
    for one, path in every_statement(script.statements):
        if one.at.line not in script.helper_lines:
            continue
        if isinstance(one, Assign | Block | Fields | Library):
            yield Found(one.at.line, "the helper block only makes text; take this statement out")
        elif isinstance(one, Declare) and (one.mode or not isinstance(path[0], Function)):
            yield Found(one.at.line, "the helper block keeps no state; take the variable out")
        elif isinstance(one, Run) and not isinstance(path[0], Function):
            yield Found(one.at.line, "the helper block does nothing by itself; take the call out")
    for site in script.sites:
        if site.line in script.helper_lines and _is_state(site.node):
            yield Found(site.line, "the helper block knows no orders; hand the value in")
    for call, site in script.calls:
        is_inside = site.line in script.helper_lines
        is_text = call.name in (*_QUIET, *script.functions) or call.name.startswith(_TEXT_SPACES)
        if is_inside and call.name and not is_text:
            yield Found(site.line, f"{call.name} makes no text; take it out of the block")


def _is_state(node: Expression) -> bool:
    return isinstance(node, Name) and node.text.startswith("strategy.")


def compare(scripts: Sequence[Script]) -> Iterator[tuple[Script, Found]]:
    """The helper blocks of scripts that are linted together, each against the first one's."""
    having = [script for script in scripts if script.helper_lines]
    for script in having[1:]:
        first = having[0].helper_text
        for place, line in enumerate(script.helper_text):
            if first[place : place + 1] != [line]:
                name = having[0].path.name
                words = f"the helper block differs here from that of {name}; copy it unchanged"
                yield script, Found(script.helper_lines[place], words)
                break


def _alone(script: Script) -> Iterator[Found]:
    """One script by itself differs from nothing; see `compare`."""
    return iter(())


HELPER_SAME: Final = Rule(
    "helper-same", "one fix must reach all scripts, and no reader should compare them", _alone
)
RULES: Final = (
    Rule("helper-block", "it is the only place that knows the wire format", _block),
    Rule("helper-text-only", "then it can be tested once, and read once", _text_only),
    HELPER_SAME,
)
