"""Entries for the audit view and for other apps that must find what they posted."""

from django.db.models import Prefetch, QuerySet

from treasury.models import Entry, Line
from treasury.rules.drafts import EntryDraft, LineDraft


def entry_list(
    *,
    book: str | None = None,
    kind: str | None = None,
    trace_id: str | None = None,
    account_code: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> QuerySet[Entry]:
    """Newest entries first, with lines, accounts and both ends of a reversal; two queries."""
    entries = Entry.objects.select_related("reverses", "reversed_by")
    if book is not None:
        entries = entries.filter(book=book)
    if kind is not None:
        entries = entries.filter(kind=kind)
    if trace_id is not None:
        entries = entries.filter(trace_id=trace_id)
    if account_code is not None:
        entries = entries.filter(
            id__in=Line.objects.filter(account__code=account_code).values("entry_id")
        )
    if before_id is not None:
        entries = entries.filter(id__lt=before_id)
    lines = Line.objects.select_related("account").order_by("n")
    return entries.order_by("-id").prefetch_related(Prefetch("lines", queryset=lines))[:limit]


def entry_standing_list(*, entry_ids: list[int]) -> QuerySet[Entry]:
    """Those of these entries that stand: not reversed yet."""
    return Entry.objects.filter(id__in=entry_ids, reversed_by=None).order_by("id")


def entry_as_draft(entry: Entry) -> EntryDraft:
    """The draft that this entry was posted from, without what it reversed."""
    lines = entry.lines.select_related("account").order_by("n")
    return EntryDraft(
        idem_key=entry.idem_key,
        kind=entry.kind,
        book=entry.book,
        event_at=entry.event_at,
        source=entry.source,
        trace_id=entry.trace_id,
        lines=tuple(LineDraft(line.account.code, line.currency_id, line.amount) for line in lines),
    )
