"""What a distribution would pay, worked out from the ledger up to a sealed entry."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from execution.models import BrokerAccount
from fusion_project.events.models import SealBatch, SealLeaf
from fusion_project.events.subjects import subject_of
from treasury.models import Distribution, Entry, PolicyVersion, RevenueStream
from treasury.rules.accounts import broker_part
from treasury.rules.distributing import (
    Outcome,
    ResultFigures,
    UnitFigures,
    distribution_draft,
    distribution_key,
    of_results,
    of_units,
)
from treasury.rules.drafts import EXACT, EntryDraft
from treasury.rules.places import Place
from treasury.selectors.balances import account_balance, standing_sum
from treasury.selectors.nav import open_result, unit_book, unit_figures
from treasury.selectors.policies import Source, Window, source_windows

# Of each account, what its open positions have lost; zero or below.
OpenLosses = Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Preview:
    """One distribution as it would be made; no draft where there is nothing to pay.

    `places`: of each account that is counted, whose results it belongs to.
    """

    book: str
    period: str
    version: PolicyVersion
    cutoff: Entry
    open_losses: OpenLosses
    idem_key: str
    figures: tuple[ResultFigures | UnitFigures, ...]
    outcomes: tuple[Outcome, ...]
    draft: EntryDraft | None
    places: Mapping[int, str]

    @property
    def marks(self) -> dict[int, dict[int, Decimal]]:
        """Account → series → the mark that it gets."""
        both = zip(self.figures, self.outcomes, strict=True)
        return {
            one.book.account_id: outcome.marks
            for one, outcome in both
            if isinstance(one, UnitFigures)
        }


def sealed_cutoff(*, book: str) -> Entry | None:
    """The newest entry of the book that is sealed with all before it; None where none is.

    One with a lower number may still come from a transaction that is open: it counts next time.
    """
    batch = SealBatch.objects.filter(log="treasury").order_by("-n").first()
    floor = batch.floor_id if batch else 0
    entries = Entry.objects.filter(book=book)
    leaves = SealLeaf.objects.filter(log="treasury", row_id__gt=floor)
    waits = entries.filter(id__gt=floor).exclude(id__in=leaves.values("row_id"))
    first = waits.order_by("id").first()
    sealed = entries if first is None else entries.filter(id__lt=first.pk)
    return sealed.order_by("-id").first()


def open_losses_now(*, book: str) -> dict[int, Decimal]:
    """What open positions of each account of the book have lost, as last told; gains count 0."""
    accounts = BrokerAccount.objects.filter(book=book).order_by("id")
    return {account.pk: min(Decimal(0), open_result(account)) for account in accounts}


def distribution_preview(
    *, book: str, period: str, version: PolicyVersion, cutoff: Entry, open_losses: OpenLosses
) -> Preview:
    """The same figures for the same arguments, as long as nothing of the policy was paid."""
    policy = version.policy
    key = distribution_key(book, period, version.pk)
    sources = list(source_windows(book=book, policy=policy))
    figures: list[ResultFigures | UnitFigures] = []
    if policy.per_unit:
        figures += _units(sources, cutoff, open_losses)
    else:
        figures += _results(policy.code, book, sources, cutoff, open_losses)
    outcomes = tuple(
        of_units(one, version.bps, policy.kept)
        if isinstance(one, UnitFigures)
        else of_results(one, version.bps, policy.kept)
        for one in figures
    )
    draft = distribution_draft(
        idem_key=key,
        book=book,
        event_at=cutoff.recorded_at,
        source=subject_of(PolicyVersion, version.pk),
        outcomes=outcomes,
    )
    places = {
        source.pk: unit_book(source).place.name if policy.per_unit else policy.code.capitalize()
        for source, _ in sources
        if isinstance(source, BrokerAccount)
    }
    return Preview(
        book, period, version, cutoff, open_losses, key, tuple(figures), outcomes, draft, places
    )


def distribution_list(*, book: str) -> QuerySet[Distribution]:
    """What was distributed of a book, the newest first."""
    rows = Distribution.objects.select_related("version__policy", "entry", "cutoff")
    return rows.filter(book=book).order_by("-id")


def revenue_account(stream: RevenueStream) -> str:
    """Where its income stands."""
    return f"Income:Revenue:{stream.name}"


def source_currency(source: Source) -> str:
    """The code of the currency in which it earns."""
    return source.currency if isinstance(source, BrokerAccount) else source.currency_id


def source_digits(source: Source) -> int:
    """Of the smallest coin of that currency."""
    return source.currency_digits if isinstance(source, BrokerAccount) else source.digits


def revenue_money(stream: RevenueStream) -> str:
    """Where the money stands that it brought and nobody was paid yet."""
    return f"Assets:Revenue:{stream.name}"


def _units(
    sources: list[tuple[Source, list[Window]]], cutoff: Entry, open_losses: OpenLosses
) -> Iterator[UnitFigures]:
    for source, windows in sources:
        if isinstance(source, BrokerAccount) and windows[-1].until is None:
            loss = open_losses.get(source.pk, Decimal(0))
            figures = unit_figures(account=source, cutoff=cutoff.pk, open_loss=loss)
            if figures.series:
                yield figures


def _results(
    code: str,
    book: str,
    sources: list[tuple[Source, list[Window]]],
    cutoff: Entry,
    open_losses: OpenLosses,
) -> Iterator[ResultFigures]:
    """One for each currency, in the order of their codes."""
    for currency in sorted({source_currency(source) for source, _ in sources}):
        own = [
            (source, windows) for source, windows in sources if source_currency(source) == currency
        ]
        place = Place(code.capitalize(), currency, min(source_digits(source) for source, _ in own))
        yield ResultFigures(
            place=place,
            realised=_sum(_earned(source, windows, cutoff.pk) for source, windows in own),
            distributed=account_balance(book=book, code=place.distributed),
            shortfall=account_balance(book=book, code=place.shortfall),
            dust=-account_balance(book=book, code=place.dust),
            open_loss=_sum(
                open_losses.get(source.pk, Decimal(0))
                for source, windows in own
                if isinstance(source, BrokerAccount) and windows[-1].until is None
            ),
        )


def _earned(source: Source, windows: list[Window], cutoff: int) -> Decimal:
    """What the source earned while it was under the policy; a gain is above zero.

    By when entries were recorded, so that each counts once, whatever comes late.
    """
    ends = _sum(_earned_until(source, cutoff, window.until) for window in windows)
    begins = _sum(
        _earned_until(source, cutoff, window.since)
        for window in windows
        if window.since is not None
    )
    return EXACT.subtract(ends, begins)


def _earned_until(source: Source, cutoff: int, until: datetime | None) -> Decimal:
    sums = (
        standing_sum(book=source.book, root=root, cutoff=cutoff, recorded_until=until)
        for root in _roots(source)
    )
    return -_sum(sums)


def _roots(source: Source) -> tuple[str, ...]:
    if isinstance(source, RevenueStream):
        return (revenue_account(source),)
    part = broker_part(source.server, source.login)
    return (f"Income:Trading:{part}", f"Expenses:Trading:{part}")


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
