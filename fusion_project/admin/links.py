"""Links to pages that a later place brings: that place registers them, others ask by name.

Naming such an address by its URL name would be an arrow forward that no import shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from django.utils.html import format_html
from django.utils.safestring import SafeString

LIFE_LINE: Final = "life line of a trace"
DECISION: Final = "review page of a decision"
DELIVERY_REPLAY: Final = "replay of a delivery in the linter"
STRATEGY_SECRETS: Final = "webhook secrets of a strategy"
SYMBOLS: Final = "confirmation of symbol maps"
INCIDENT: Final = "closing of an incident"
PAGES: Final = frozenset(
    {LIFE_LINE, DECISION, DELIVERY_REPLAY, STRATEGY_SECRETS, SYMBOLS, INCIDENT}
)


class _Holder(Protocol):
    def has_perms(self, perm_list: Sequence[str]) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Page:
    address: Callable[[str | int], str]
    permissions: tuple[str, ...]


_registered: dict[str, _Page] = {}


def page_register(page: str, address: Callable[[str | int], str], *permissions: str) -> None:
    """Say where a page is, by the key of what it shows, and which permissions it asks for.

    Raises ValueError for a page that is not in `PAGES` or has an owner already.
    """
    if page not in PAGES or page in _registered:
        raise ValueError(f"unknown page, or registered twice: {page}")
    _registered[page] = _Page(address, permissions)


def page_address(page: str, key: str | int) -> str:
    """The address of a page. Raises KeyError where no place has registered it."""
    return _registered[page].address(key)


def page_link(page: str, key: str | int, text: str) -> SafeString:
    """A link to a page."""
    return format_html('<a href="{}">{}</a>', page_address(page, key), text)


def page_opens_for(page: str, user: _Holder) -> bool:
    """Whether the page lets this person in."""
    return user.has_perms(_registered[page].permissions)


def life_line_link(trace_id: str) -> SafeString:
    """A link to the life line of a trace, under the first digits of its id."""
    address = page_address(LIFE_LINE, trace_id)
    return format_html('<a class="f-mono" href="{}">{}…</a>', address, trace_id[:8])
