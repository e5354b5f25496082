"""Rules about text: it must come out the same in TradingView and in every runner, as valid JSON."""

import json
import re
from collections.abc import Iterator
from typing import Final

from pine.harness.lint.nodes import Node
from pine.harness.lint.rule import Found, refuse, rule
from pine.harness.lint.script import Script, literal_text

_MASK: Final = re.compile(r"0+(\.0+)?")
# The server's pattern for a reason; the same letters are enough for a tag.
_WORD: Final = re.compile(r"[A-Za-z0-9 _.\-]{1,64}")
_TAGS_MAX: Final = 8


refuse(
    "str-format",
    "Java's MessageFormat and the runner's differ, and hide bad JSON",
    "str.format writes 1,234.5; join texts with + instead",
    lambda script: script.calls("str.format"),
)
refuse(
    "bare-tostring",
    "10 decimals on TradingView, 16 or an exponent elsewhere",
    'say how: str.tostring(x, "0.00") or str.tostring(x, format.mintick)',
    lambda script: [
        site
        for site in script.calls("str.tostring")
        if script.argument(site.node, "format") is None
    ],
)


@rule("number-mask", "# and , come out differently outside of TradingView")
def _number_mask(script: Script) -> Found:
    for call, mask in _masks(script):
        is_safe = mask.kind == "name" and mask.text == "format.mintick"
        if not is_safe and not _MASK.fullmatch(literal_text(mask) or ""):
            yield (
                call.at.line,
                'the mask must have zeros only, such as "0.00", or be format.mintick',
            )


def _masks(script: Script) -> Iterator[tuple[Node, Node]]:
    """Each mask with the call that gives it; those that a function hands on are its callers'."""
    asked = {("str.tostring", "format")}
    for site in script.calls("str.tostring"):
        mask, function = script.argument(site.node, "format"), script.functions.get(site.function)
        if mask and function and mask.text in [one.text for one in function.names]:
            asked.add((function.text, mask.text))
    for site in script.calls():
        for name, parameter in asked:
            mask = script.argument(site.node, parameter) if site.node.text == name else None
            if mask and (site.function, mask.text) not in asked:
                yield site.node, mask


refuse(
    "placeholder",
    "alert() does not fill it in",
    "TradingView leaves {{{{...}}}} as it is inside alert(); use the helper functions",
    lambda script: [one for one in script.tokens if one.is_text and "{{" in one.text],
)


@rule("reason-text", "the server refuses the whole alert")
def _reason_text(script: Script) -> Found:
    for line, given, text in _texts(script, "reason"):
        # A name may rest at "" as long as it is sent only after it was set.
        if not _WORD.fullmatch(text) and (text or given.kind != "name"):
            yield (
                line,
                f"the server refuses the reason {text!r}; 1 to 64 of A-Z a-z 0-9 space _ . -",
            )


@rule("tags-text", "the server refuses the whole alert")
def _tags_text(script: Script) -> Found:
    for line, _, text in _texts(script, "tags"):
        if text and not _are_tags(text):
            words = f"{text!r} is no JSON list of at most {_TAGS_MAX} words of A-Z a-z 0-9 _ . -"
            yield line, words


def _are_tags(text: str) -> bool:
    try:
        tags = json.loads(text)
    except ValueError:
        return False
    words = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [""]
    return len(tags) == len(words) <= _TAGS_MAX and all(_WORD.fullmatch(word) for word in words)


def _texts(script: Script, parameter: str) -> Iterator[tuple[int, Node, str]]:
    """What the script hands to this parameter of the helper block's functions, from outside it."""
    own = [site for site in script.calls() if site.node.text in script.helpers]
    for site in own:
        given = script.argument(site.node, parameter)
        if given is not None and site.line not in script.helper_lines:
            for text in script.flow.texts(given):
                yield site.line, given, text
