"""Marks behind which no read looks again: sums of accounts, steps of cash, deals with a posting."""

from django.db import connection, transaction

from execution.models import BrokerAccount, Deal
from treasury.models import PostedMark
from treasury.selectors.completeness import deals_after_mark

# Of a ledger whose cash was never kept; further ones are taken in the next turns.
CASH_FACTS_MAX = 20_000
# A read adds up no more lines than these entries have, and what the seal has yet to pass.
ENTRIES_MIN = 1_000
ENTRIES_MAX = 50_000


def checkpoint_make(*, entries_min: int = ENTRIES_MIN, entries_max: int = ENTRIES_MAX) -> int:
    """Write the next checkpoint, over at most `entries_max` entries; none below `entries_min`.

    Returns over how many entries it went: 0 where nothing is to be done yet.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT treasury_checkpoint_next(%s, %s)", [entries_min, entries_max])
        return int(cursor.fetchone()[0])


def cash_keep(*, facts_max: int = CASH_FACTS_MAX) -> int:
    """Keep the steps of realised cash that are final, over so many entries and events at most.

    Returns over how many it went: 0 where nothing is to be done yet.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT treasury_cash_keep(%s)", [facts_max])
        return int(cursor.fetchone()[0])


@transaction.atomic
def posted_mark_raise(*, account: BrokerAccount) -> None:
    """Move the account's mark up to the last deal before the first without a posting."""
    after = deals_after_mark(account=account)
    first = after.filter(treasury_posting=None).order_by("id").first()
    done = after if first is None else after.filter(id__lt=first.id)
    last = done.order_by("-id").first()
    if last is not None:
        _mark_set(account, last)


def _mark_set(account: BrokerAccount, last: Deal) -> None:
    raised = PostedMark.objects.filter(account=account, deal_id__lt=last.id).update(deal=last)
    if not raised:
        PostedMark.objects.bulk_create(
            [PostedMark(account=account, deal=last)], ignore_conflicts=True
        )
