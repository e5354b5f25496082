"""What an export of the ledger is made of, as one moment shows it."""

from collections.abc import Callable, Iterator

from django.db import connection, transaction
from django.db.models import Prefetch

from treasury.models import Entry, LedgerAccount, Line, PriceSnapshot
from treasury.rules.canonical import StoredEntry, StoredLine
from treasury.rules.journals import Journal, JournalAccount, JournalPrice, Opening, Sealed

CHUNK = 2_000

Told = Callable[[int, int], None]


def journal_lines(*, book: str, journal: Journal, told: Told) -> Iterator[str]:
    """The book as this kind of journal writes it; `told` hears entries done and in all."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield from journal(book, _opening(book), _entries(book, told))


def _opening(book: str) -> Opening:
    rows = LedgerAccount.objects.filter(book=book).order_by("code")
    prices = PriceSnapshot.objects.filter(book=book).order_by("priced_at", "id")
    return Opening(
        [JournalAccount(row.code, row.currency_id, row.created_at.date()) for row in rows],
        [
            JournalPrice(one.priced_at.date(), one.base_id, one.quote_id, one.price)
            for one in prices
        ],
    )


def _entries(book: str, told: Told) -> Iterator[Sealed]:
    rows = Entry.objects.filter(book=book).select_related("leaf").order_by("recorded_at", "id")
    lines = Line.objects.select_related("account").order_by("n")
    total = rows.count()
    ready = rows.prefetch_related(Prefetch("lines", queryset=lines)).iterator(chunk_size=CHUNK)
    for done, entry in enumerate(ready, start=1):
        if done % CHUNK == 0 or done == total:
            told(done, total)
        yield Sealed(_stored(entry), entry.leaf.sha256)


def _stored(entry: Entry) -> StoredEntry:
    return StoredEntry(
        id=entry.pk,
        idem_key=entry.idem_key,
        request_sha256=entry.request_sha256,
        kind=entry.kind,
        book=entry.book,
        event_at=entry.event_at,
        recorded_at=entry.recorded_at,
        source=entry.source,
        trace_id=entry.trace_id,
        reverses_id=entry.reverses_id,
        note=entry.note,
        lines=tuple(
            StoredLine(line.n, line.account.code, line.currency_id, line.amount)
            for line in entry.lines.all()
        ),
    )
