"""A deal that is restated after its result was distributed: what is gone is not paid twice.

The payout stands. What it paid and nobody has earned any more moves to the shortfall account of its
policy, which the next distribution fills before it pays anybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from treasury.models import DistributionSource, Entry
from treasury.rules.distributing import shortfall_draft
from treasury.rules.drafts import EXACT, EntryDraft
from treasury.rules.places import Place

_RESULT_ROOTS = ("Income:", "Expenses:")


@dataclass(frozen=True, slots=True)
class TicketDrafts:
    """The drafts of one ticket in their order: entries, each but the last with its reversal."""

    account_id: int
    drafts: Sequence[EntryDraft]


def shortfall_drafts(*, tickets: Sequence[TicketDrafts]) -> list[EntryDraft]:
    """One for each reversal that takes away a result which was distributed.

    Asks the database nothing where no draft reverses another. It moves an amount between two
    accounts whose sum is what counts for the next distribution, so it changes nothing that is paid.
    """
    restated = [one for one in tickets if any(draft.reverses_key for draft in one.drafts)]
    if not restated:
        return []
    keys = [draft.idem_key for one in restated for draft in one.drafts]
    known = dict(Entry.objects.filter(idem_key__in=keys).values_list("idem_key", "id"))
    return [draft for one in restated for draft in _of_ticket(one, known)]


def _of_ticket(one: TicketDrafts, known: Mapping[str, int]) -> list[EntryDraft]:
    ids = [known[draft.idem_key] for draft in one.drafts if draft.idem_key in known]
    if not ids:
        return []
    found = []
    for n, draft in enumerate(one.drafts):
        if draft.reverses_key is None:
            continue
        name = _paid_place(one.account_id, min(ids), known.get(draft.idem_key))
        lost = EXACT.subtract(EXACT.minus(_result(draft)), _result_instead(one.drafts, n))
        if name is not None and lost > 0:
            place = Place(name, draft.lines[0].currency, 0)
            found.append(shortfall_draft(reversal=draft, place=place, lost=lost))
    return found


def _paid_place(account_id: int, first_id: int, reversal_id: int | None) -> str | None:
    """Whose results they were in the last distribution that counted the deal, not its reversal."""
    counted = DistributionSource.objects.filter(
        account_id=account_id, distribution__cutoff_id__gte=first_id
    )
    if reversal_id is not None:
        counted = counted.filter(distribution__cutoff_id__lt=reversal_id)
    return counted.order_by("-id").values_list("place", flat=True).first()


def _result_instead(drafts: Sequence[EntryDraft], n: int) -> Decimal:
    """What the revision that reversal `n` follows has booked itself.

    A later revision's entry does not count: the deal was gone until then, and what was found then
    must be found again whatever the broker says afterwards.
    """
    after = drafts[n + 1] if n + 1 < len(drafts) else None
    if after is None or after.source != drafts[n].source:
        return Decimal(0)
    return _result(after)


def _result(draft: EntryDraft) -> Decimal:
    """What the draft adds to the result, a gain above zero."""
    total = Decimal(0)
    for line in draft.lines:
        if line.account_code.startswith(_RESULT_ROOTS):
            total = EXACT.subtract(total, line.amount)
    return total
