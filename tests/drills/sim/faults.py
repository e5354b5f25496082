"""Faults that the simulator must find, each planted into the real code while a run goes on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from typing import Any
from unittest import mock

from treasury.models import Entry
from treasury.rules import allocation, distributing, posting, units
from treasury.services import deals as deals_service
from treasury.services import distributing as distributing_service
from treasury.services import units as units_service

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


def _mark_stays() -> Any:
    """A series that was paid can be paid for the same gain again."""
    return mock.patch.object(distributing_service, "_marks_raise")


def _joins_cheaply() -> Any:
    """Who joins pays the rounded-down price, at the cost of those who are there."""
    return mock.patch.object(units_service, "issue_price", units.unit_price)


def _cutoff_ahead() -> Any:
    """What is counted goes beyond what is sealed, past transactions that are still open."""
    newest = Entry.objects.order_by("-id")
    return mock.patch.object(
        distributing_service, "sealed_cutoff", lambda *, book: newest.filter(book=book).first()
    )


FAULTS: dict[str, Callable[[], Any]] = {
    "posted_twice": _posted_twice,
    "restated_ignored": _restated_ignored,
    "remainder_dropped": _remainder_dropped,
    "shortfall_forgotten": _shortfall_forgotten,
    "mark_stays": _mark_stays,
    "joins_cheaply": _joins_cheaply,
    "cutoff_ahead": _cutoff_ahead,
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The fault is there inside; '' plants none. Raises KeyError for a name that is none."""
    if not name:
        yield
        return
    with FAULTS[name]():
        yield
