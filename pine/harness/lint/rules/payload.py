"""Rules about text: it must come out the same in TradingView and in every runner, as valid JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from pine.harness.lint.flow import flow_of
from pine.harness.lint.nodes import Call, Expression, Function, Name
from pine.harness.lint.rule import Found, Rule
from pine.harness.lint.script import Script, argument, literal_text

_MASK: Final = re.compile(r"0+(\.0+)?")
# The server's pattern for a reason; the same letters are enough for a tag.
_WORD: Final = re.compile(r"[A-Za-z0-9 _.\-]{1,64}")
_TAGS_MAX: Final = 8


def _format(script: Script) -> Iterator[Found]:
    for call, _ in script.calls:
        if call.name == "str.format":
            yield Found(call.at.line, "str.format writes 1,234.5; join texts with + instead")


def _bare(script: Script) -> Iterator[Found]:
    for call, _ in script.calls:
        if call.name == "str.tostring" and argument(call, 1, "format") is None:
            words = 'say how: str.tostring(x, "0.00") or str.tostring(x, format.mintick)'
            yield Found(call.at.line, words)


def _mask(script: Script) -> Iterator[Found]:
    passed: dict[str, int] = {}
    for call, site in script.calls:
        mask = argument(call, 1, "format") if call.name == "str.tostring" else None
        if mask is None:
            continue
        place = _parameter_place(site.outermost, mask)
        if place is not None:
            passed[place[0]] = place[1]
        elif not _is_safe(mask):
            yield Found(call.at.line, _MASK_WORDS)
    for call, _ in script.calls:
        if call.name in passed:
            name = script.functions[call.name].parameters[passed[call.name]].name
            given = argument(call, passed[call.name], name)
            if given is not None and not _is_safe(given):
                yield Found(call.at.line, _MASK_WORDS)


_MASK_WORDS: Final = 'the mask must have zeros only, such as "0.00", or be format.mintick'


def _parameter_place(outermost: object, mask: Expression) -> tuple[str, int] | None:
    """The function and the place of its parameter, where a mask is handed on from a caller."""
    if isinstance(outermost, Function) and isinstance(mask, Name):
        for place, parameter in enumerate(outermost.parameters):
            if parameter.name == mask.text:
                return outermost.name, place
    return None


def _is_safe(mask: Expression) -> bool:
    if isinstance(mask, Name):
        return mask.text == "format.mintick"
    return bool(_MASK.fullmatch(literal_text(mask) or ""))


def _placeholder(script: Script) -> Iterator[Found]:
    for token in script.tokens:
        if token.kind in ("string", "triple") and "{{" in token.text:
            words = "TradingView leaves {{...}} as it is inside alert(); use the helper functions"
            yield Found(token.line, words)


def _reason(script: Script) -> Iterator[Found]:
    for call, given in _given(script, "reason"):
        texts = flow_of(script).texts(given)
        # A name may rest at "" as long as it is sent only after it was set.
        texts -= {""} if isinstance(given, Name) else set()
        for text in sorted(texts):
            if not _WORD.fullmatch(text):
                words = (
                    f"the server refuses the reason {text!r}; 1 to 64 of A-Z a-z 0-9 space _ . -"
                )
                yield Found(call.at.line, words)


def _tags(script: Script) -> Iterator[Found]:
    for call, given in _given(script, "tags"):
        for text in sorted(flow_of(script).texts(given) - {""}):
            if not _are_tags(text):
                words = (
                    f"{text!r} is no JSON list of at most {_TAGS_MAX} words of A-Z a-z 0-9 _ . -"
                )
                yield Found(call.at.line, words)


def _are_tags(text: str) -> bool:
    try:
        tags = json.loads(text)
    except ValueError:
        return False
    return (
        isinstance(tags, list)
        and len(tags) <= _TAGS_MAX
        and all(isinstance(tag, str) and _WORD.fullmatch(tag) for tag in tags)
    )


def _given(script: Script, parameter: str) -> Iterator[tuple[Call, Expression]]:
    """What the script hands to this parameter of the helper block's functions, from outside it."""
    for call, site in script.calls:
        function = script.functions.get(call.name)
        if function is None or function.at.line not in script.helper_lines:
            continue
        if site.line in script.helper_lines:
            continue
        for place, known in enumerate(function.parameters):
            given = argument(call, place, parameter) if known.name == parameter else None
            if given is not None:
                yield call, given


RULES: Final = (
    Rule("str-format", "Java's MessageFormat and the runner's differ, and hide bad JSON", _format),
    Rule("bare-tostring", "10 decimals on TradingView, 16 or an exponent elsewhere", _bare),
    Rule("number-mask", "# and , come out differently outside of TradingView", _mask),
    Rule("placeholder", "alert() does not fill it in", _placeholder),
    Rule("reason-text", "the server refuses the whole alert", _reason),
    Rule("tags-text", "the server refuses the whole alert", _tags),
)
