"""What people usually got wrong where a message is refused: hints beside the reason. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from fusion_project.text.raw_bytes import visible_runs
from signals.intake.parsing import Unreadable

_PLACEHOLDER: Final = re.compile(r"\{\{[\w .]{1,60}\}\}")
_AT: Final = re.compile(r"at character (\d{1,6})\.")
_LOOSE_COMMA: Final = re.compile(r",\s*[}\]]")
_CURLED: Final = frozenset("“”„‟‘’‚‛«»")
_NAMED_MAX: Final = 3
_BEFORE, _AFTER = 24, 24


def hints_of(raw: bytes, error: Unreadable) -> tuple[str, ...]:
    """Return hints about refused bytes, the likeliest cause first; none where nothing is seen."""
    text = raw.decode("utf-8", "replace")
    hints = [*_about_placeholders(text)]
    if error.code in ("not_json", "unknown_text"):
        hints += [*_about_json(text), *_about_place(text, error.message)]
    if any(unicodedata.category(one) == "Zs" and one != " " for one in text):
        hints.append("It holds a no-break or another odd space; replace it by a common one.")
    return tuple(hints)


def _about_placeholders(text: str) -> Iterator[str]:
    found = list(dict.fromkeys(_PLACEHOLDER.findall(text)))
    if found:
        more = " and others" if len(found) > _NAMED_MAX else ""
        yield (
            f"It still holds {', '.join(found[:_NAMED_MAX])}{more}. TradingView fills placeholders"
            " in when the alert fires; to try a message beforehand, put values in their place."
        )


def _about_json(text: str) -> Iterator[str]:
    if not text.lstrip().startswith("{"):
        yield (
            "It is neither JSON, which begins with a brace, nor a text that a dialect knows, such"
            " as TradingView's default sentence or a comma text."
        )
        return
    if _CURLED.intersection(text):
        yield 'It holds typographic quotes; JSON takes straight ones (") only.'
    if text.lstrip()[1:].lstrip().startswith("'"):
        yield "Names and texts stand in double quotes, not in single ones."
    if _LOOSE_COMMA.search(text):
        yield "A comma stands right before a closing brace; remove it."


def _about_place(text: str, message: str) -> Iterator[str]:
    """The place of a syntax error, with what hides there by its name."""
    found = _AT.search(message)
    if found and text.lstrip().startswith("{"):
        at = int(found[1]) - 1
        before, after = text[max(0, at - _BEFORE) : at], text[at : at + _AFTER]
        yield f"The place: {_seen(before)} ▸ {_seen(after) or 'the end'}"


def _seen(text: str) -> str:
    runs = visible_runs(text.encode("utf-8", "replace"))
    return "".join(f"‹{part}›" if is_hidden else part for part, is_hidden in runs).strip()
