"""Faults that the simulator must find, each planted into the real code while a run goes on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from typing import Any
from unittest import mock

from treasury.rules import allocation, distributing, posting
from treasury.services import deals as deals_service

_numbers = count(1)


def _posted_twice() -> Any:
    """Each call has a key of its own, so what is worked twice is booked twice."""
    key = posting.DealRevision.idem_key.fget  # type: ignore[attr-defined]
    return mock.patch.object(
        posting.DealRevision, "idem_key", property(lambda one: f"{key(one)}:{next(_numbers)}")
    )


def _restated_ignored() -> Any:
    """Of each ticket its first revision alone is posted."""
    whole = posting.postings_for_ticket

    def first(revisions: Any) -> Any:
        return whole(sorted(revisions, key=lambda one: one.revision)[:1])

    return mock.patch.object(deals_service, "postings_for_ticket", first)


def _remainder_dropped() -> Any:
    """What does not divide is given to nobody."""

    def split(amount: Decimal, bps: Mapping[str, int], *, digits: int) -> dict[str, Decimal]:
        parts = {name: amount * share / allocation.BASIS for name, share in bps.items()}
        return {name: allocation.rounded_down(part, digits) for name, part in parts.items()}

    return mock.patch.object(distributing, "split", split)


def _shortfall_forgotten() -> Any:
    """A result that was paid and is restated away leaves no trace."""
    return mock.patch.object(deals_service, "shortfall_drafts", return_value=[])


FAULTS: dict[str, Callable[[], Any]] = {
    "posted_twice": _posted_twice,
    "restated_ignored": _restated_ignored,
    "remainder_dropped": _remainder_dropped,
    "shortfall_forgotten": _shortfall_forgotten,
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The fault is there inside; '' plants none. Raises KeyError for a name that is none."""
    if not name:
        yield
        return
    with FAULTS[name]():
        yield
