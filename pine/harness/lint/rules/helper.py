"""Rules about the helper block: one in each script, the same in all, and it only makes text."""

import re
from typing import Final

from pine.harness.lint.nodes import Path
from pine.harness.lint.rule import Found, rule
from pine.harness.lint.script import END_REGION, START_REGION, Script

_REGION: Final = re.compile(r"//#region df\.signal helper block (\d+\.\d+\.\d+)\b[^\n]*")
_TEXT_SPACES: Final = ("str.", "math.", "syminfo.", "array.", "format.")


@rule("helper-block", "it is the only place that knows the wire format")
def _helper_block(script: Script) -> Found:
    opened = [one for one in script.tokens if one.text.startswith(START_REGION)]
    closed = [one.line for one in script.tokens if one.text.startswith(END_REGION)]
    if not opened:
        yield 1, "the helper block is missing; copy it from another script, with its marks"
    for place, one in enumerate(opened):
        if not _REGION.fullmatch(one.text):
            yield one.line, "write //#region df.signal helper block 1.2.3 and the rest"
        if place:
            yield one.line, "a second helper block; a script has exactly one"
    if opened and opened[0].line > max(closed, default=0):
        yield opened[0].line, f"the helper block is not closed; write {END_REGION} after it"


@rule("helper-text-only", "then it can be tested once, and read once")
def _helper_text_only(script: Script) -> Found:
    for path in script.statements:
        if path[-1].at.line in script.helper_lines and (words := _misplaced(path)):
            yield path[-1].at.line, words
    for site in script.sites:
        node = site.node
        if site.line not in script.helper_lines:
            continue
        if node.kind == "name" and node.text.startswith("strategy."):
            yield site.line, "the helper block knows no orders; hand the value in"
        is_text = node.text in ("", "na", "nz", *script.functions)
        if node.kind == "call" and not is_text and not node.text.startswith(_TEXT_SPACES):
            yield site.line, f"{node.text} makes no text; take it out of the block"


def _misplaced(path: Path) -> str:
    """What is wrong with a statement of the helper block."""
    one, is_local = path[-1], path[0].kind == "function"
    if one.kind == "declare" and (one.text or not is_local):
        return "the helper block keeps no state; take the variable out"
    if one.kind == "run" and not is_local:
        return "the helper block does nothing by itself; take the call out"
    if one.kind not in ("declare", "run", "function"):
        return "the helper block only makes text; take this statement out"
    return ""


@rule("helper-same", "one fix must reach all scripts, and no reader should compare them", False)
def _same(script: Script) -> Found:
    """The helper block against that of the first script that is linted with this one."""
    for model in script.models:
        model_lines = model.helper_text
        for place, line in enumerate(script.helper_text):
            if model_lines[place : place + 1] != [line]:
                words = f"the helper block differs here from that of {model.path.name}"
                yield script.helper_lines[place], f"{words}; copy it unchanged"
                return
