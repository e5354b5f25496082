"""Economic events from calendar files: what one is, and what a file may leave out. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

IMPACTS: Final = ("low", "medium", "high")
CURRENCY_FORM: Final = r"[A-Z0-9]{3,5}"
EVERYBODY: Final = "ALL"
TITLE_MAX, KEY_MAX, EVENTS_MAX = 200, 255, 50_000


class NewsFault(ValueError):
    """A file that holds no events. `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsFact:
    """One event. `key` names it in its calendar, so that it is known again where it moves."""

    key: str
    at: datetime
    currency: str
    impact: str
    title: str
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """What counts where a file says nothing of it; '' where nothing is declared."""

    currency: str = ""
    impact: str = ""


def news_made(
    line: int,
    *,
    uid: str,
    at: datetime,
    currency: str,
    impact: str,
    title: str,
    is_cancelled: bool = False,
) -> NewsFact:
    """Return the event, or raise NewsFault that says what is wrong with it."""
    if not re.fullmatch(CURRENCY_FORM, currency):
        raise NewsFault(line, f"{currency[:20]!r} is no currency such as USD, nor {EVERYBODY}")
    if impact not in IMPACTS:
        raise NewsFault(line, f"the impact {impact[:20]!r} is none of {', '.join(IMPACTS)}")
    if not title or len(title) > TITLE_MAX or not title.isprintable():
        raise NewsFault(line, f"a title is text of 1 to {TITLE_MAX} characters")
    # Without a name of its own an event is known by day, currency and title: one that moves within
    # its day is the same.
    key = uid or f"{at:%Y-%m-%d} {currency} {title}"
    if len(key) > KEY_MAX - 4 or not key.isprintable():
        raise NewsFault(line, f"a uid has at most {KEY_MAX - 4} characters")
    return NewsFact(
        key=key,
        at=at,
        currency=currency,
        impact=impact,
        title=title,
        is_cancelled=is_cancelled,
    )


def news_told_apart(told: Iterable[tuple[int, NewsFact, bool]]) -> Iterator[tuple[int, NewsFact]]:
    """Number events of one day, currency and title; a uid that comes twice is a fault.

    `told`: line, event, and whether its key is a uid.
    """
    seen: Counter[str] = Counter()
    for number, (line, fact, is_uid) in enumerate(told):
        if number >= EVENTS_MAX:
            raise NewsFault(line, f"a file holds at most {EVENTS_MAX} events")
        seen[fact.key] += 1
        if seen[fact.key] == 1:
            yield line, fact
        elif is_uid:
            raise NewsFault(line, f"the uid {fact.key[:40]!r} came before")
        else:
            yield line, replace(fact, key=f"{fact.key} {seen[fact.key]}")
