"""The bytes that are hashed for an entry; the same as `treasury_leaf_bytes` makes in SQL.

Each field is `<octets>:<text>` (a null is `-`), so no two records share bytes. Integers are
text, amounts carry all 18 digits, times are microseconds since 1970 UTC.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from treasury.rules.drafts import EntryDraft, amount_text

REQUEST_DOMAIN = "df.entry_request.v1"
LEAF_DOMAIN = "df.entry.v1"
LEAF_PREFIX = b"\x00"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredLine:
    n: int
    account_code: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the tables hold it."""

    id: int
    idem_key: str
    request_sha256: str
    kind: str
    book: str
    event_at: datetime
    recorded_at: datetime
    source: str
    trace_id: str
    reverses_id: int | None
    note: str
    lines: tuple[StoredLine, ...]


def field(value: str | None) -> bytes:
    """One length-prefixed field."""
    if value is None:
        return b"-"
    raw = value.encode()
    return str(len(raw)).encode() + b":" + raw


def microseconds(at: datetime) -> str:
    """Microseconds since 1970 UTC, exact."""
    return str((at - _EPOCH) // timedelta(microseconds=1))


def _joined(values: Iterable[str | None]) -> bytes:
    return b"".join(field(value) for value in values)


def request_sha256(draft: EntryDraft) -> str:
    """Hash of everything a caller asked for; equal requests have equal hashes."""
    head: Sequence[str | None] = (
        REQUEST_DOMAIN,
        draft.idem_key,
        draft.kind,
        draft.book,
        microseconds(draft.event_at),
        draft.source,
        draft.trace_id,
        draft.reverses_key,
        draft.note,
        str(len(draft.lines)),
    )
    lines = (
        value
        for line in draft.lines
        for value in (line.account_code, line.currency, amount_text(line.amount))
    )
    return hashlib.sha256(_joined(head) + _joined(lines)).hexdigest()


def leaf_sha256(entry: StoredEntry) -> str:
    """Hash of a stored entry; the zero byte sets a leaf apart from a tree node."""
    head: Sequence[str | None] = (
        LEAF_DOMAIN,
        str(entry.id),
        entry.idem_key,
        entry.request_sha256,
        entry.kind,
        entry.book,
        microseconds(entry.event_at),
        microseconds(entry.recorded_at),
        entry.source,
        entry.trace_id,
        None if entry.reverses_id is None else str(entry.reverses_id),
        entry.note,
        str(len(entry.lines)),
    )
    lines = (
        value
        for line in entry.lines
        for value in (str(line.n), line.account_code, line.currency, amount_text(line.amount))
    )
    return hashlib.sha256(LEAF_PREFIX + _joined(head) + _joined(lines)).hexdigest()
