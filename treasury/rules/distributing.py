"""What may be distributed, and its journal entry. Pure.

House and subscription pay from results: realised less what was paid, less open loss. Investors
are paid from what each series of units has earned above its mark. Open gains are never paid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from treasury.rules.allocation import rounded_down, split
from treasury.rules.drafts import EXACT, EntryDraft, LineDraft, lines_summed
from treasury.rules.places import Place, UnitBook
from treasury.rules.units import PAYOUT, Series, gain_of, unit_price, units_cancelled

DISTRIBUTION = "distribution"
# Not a distribution: it pays nobody, and no state of a chain may hold up a deal.
SHORTFALL = "shortfall.restated"


@dataclass(frozen=True, slots=True)
class ResultFigures:
    """What a policy's sources have earned in one currency, and what became of it so far.

    `open_loss` is zero or below; `shortfall` and `dust` are what these accounts hold.
    """

    place: Place
    realised: Decimal
    distributed: Decimal
    shortfall: Decimal
    dust: Decimal
    open_loss: Decimal

    @property
    def available(self) -> Decimal:
        """Distributable now, with all digits; below zero where losses or payouts outweigh."""
        paid = EXACT.add(self.distributed, self.shortfall)
        left = EXACT.add(EXACT.subtract(self.realised, paid), self.dust)
        return EXACT.add(left, self.open_loss)


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """An account of investors: net value without open gains, and its series."""

    book: UnitBook
    nav: Decimal
    series: Sequence[Series]
    shortfall: Decimal

    @property
    def place(self) -> Place:
        return self.book.place

    @property
    def units(self) -> Decimal:
        return sum((one.units for one in self.series), Decimal(0))

    @property
    def price(self) -> Decimal:
        """Zero where nothing is left for the holders; then nobody is paid."""
        return unit_price(self.nav, self.units) if self.nav > 0 else Decimal(0)


@dataclass(slots=True)
class Outcome:
    """Lines of one entry, the marks that series have after it, and how much was split."""

    lines: list[LineDraft] = field(default_factory=list)
    marks: dict[int, Decimal] = field(default_factory=dict)
    paid: Decimal = Decimal(0)

    def move(self, debit: str, credit: str, amount: Decimal, currency: str) -> None:
        """Two lines; none for zero."""
        if amount != 0:
            self.lines.append(LineDraft(debit, currency, amount))
            self.lines.append(LineDraft(credit, currency, -amount))


def of_results(figures: ResultFigures, bps: Mapping[str, int], kept: Sequence[str]) -> Outcome:
    """Nothing where less than the smallest coin is available; else shortfall, shares, dust."""
    place, outcome = figures.place, Outcome()
    whole = rounded_down(figures.available, place.digits)
    if whole <= 0:
        return outcome
    outcome.move(place.distributed, place.shortfall, figures.shortfall, place.currency)
    for share, amount in split(whole, bps, digits=place.digits).items():
        credit = place.retained(share) if share in kept else place.pool(share)
        outcome.move(place.distributed, credit, amount, place.currency)
    rest = EXACT.subtract(figures.available, whole)
    grown = EXACT.subtract(rest, figures.dust)
    outcome.move(place.distributed, place.dust, grown, place.currency)
    outcome.paid = whole
    return outcome


def of_units(figures: UnitFigures, bps: Mapping[str, int], kept: Sequence[str]) -> Outcome:
    """Each series that stands above its mark is paid, and cancels units for what leaves it."""
    place, price, outcome = figures.place, figures.price, Outcome()
    for one in figures.series:
        gain = gain_of(one, price, digits=place.digits)
        if gain > 0:
            _series_paid(outcome, figures, one, split(gain, bps, digits=place.digits), kept)
            outcome.marks[one.number] = price
            outcome.paid = EXACT.add(outcome.paid, gain)
    if outcome.lines:
        outcome.move(place.distributed, place.shortfall, figures.shortfall, place.currency)
    return outcome


def _series_paid(
    outcome: Outcome,
    figures: UnitFigures,
    one: Series,
    shares: Mapping[str, Decimal],
    kept: Sequence[str],
) -> None:
    names, place = figures.book, figures.place
    for share, amount in shares.items():
        pool = names.payable(one.number) if share == PAYOUT else place.pool(share)
        credit = place.retained(share) if share in kept else pool
        outcome.move(place.distributed, credit, amount, place.currency)
    leaves = sum((amount for share, amount in shares.items() if share not in kept), Decimal(0))
    cancelled = units_cancelled(leaves, figures.price, one.units)
    outcome.move(names.held_by(one.number), names.issued, cancelled, names.currency)


def distribution_key(book: str, period: str, version_id: int) -> str:
    """One distribution of a book, a period and a version of a policy; there is no second."""
    return f"dist:{book}:{period}:{version_id}"


def distribution_draft(
    *, idem_key: str, book: str, event_at: datetime, source: str, outcomes: Iterable[Outcome]
) -> EntryDraft | None:
    """One entry of all places, an account named once; None where nothing is to be paid."""
    lines = lines_summed(line for outcome in outcomes for line in outcome.lines)
    if not lines:
        return None
    return EntryDraft(
        idem_key=idem_key,
        kind=DISTRIBUTION,
        book=book,
        event_at=event_at,
        source=source,
        trace_id=trace_of(idem_key),
        lines=lines,
    )


def trace_of(idem_key: str) -> str:
    """The trace of what begins with a key: the same, whenever it is asked."""
    return sha256(idem_key.encode()).hexdigest()[:32]


def shortfall_draft(*, reversal: EntryDraft, place: Place, lost: Decimal) -> EntryDraft:
    """A result that was distributed is gone: until it is earned again nothing more is paid."""
    return EntryDraft(
        idem_key=f"short:{reversal.idem_key}",
        kind=SHORTFALL,
        book=reversal.book,
        event_at=reversal.event_at,
        source=reversal.source,
        trace_id=reversal.trace_id,
        lines=(
            LineDraft(place.shortfall, place.currency, lost),
            LineDraft(place.distributed, place.currency, -lost),
        ),
        note="restated after it was distributed",
    )
