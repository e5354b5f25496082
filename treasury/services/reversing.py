"""Taking an entry back by hand: asked by one person, confirmed by another, then posted."""

from __future__ import annotations

from typing import Final

from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.formats import plain_number
from treasury.errors import EntryAlreadyReversed
from treasury.models import Entry
from treasury.services.ledger import entry_reverse, entry_reversible

ENTRY_REVERSE: Final = "entry.reverse"


def reversal_ask(*, entry_id: int, reason: str, actor: str) -> Request:
    """Ask a second person to take the entry back. Raises as `reversal_check` and `request_ask`."""
    return request_ask(
        kind=ENTRY_REVERSE,
        subject=f"entry {entry_id}",
        payload={"entry_id": entry_id},
        reason=reason,
        actor=actor,
    )


def reversal_check(payload: Payload) -> None:
    """Refuse an entry that is not there, is a reversal, or was reversed."""
    entry = entry_reversible(payload["entry_id"])
    if Entry.objects.filter(reverses=entry).exists():
        raise EntryAlreadyReversed(f"entry {entry.pk} is reversed already")


def reversal_words(payload: Payload) -> str:
    """In one sentence what will be taken back."""
    entry = entry_reversible(payload["entry_id"])
    lines = entry.lines.select_related("account").order_by("n")
    told = "; ".join(
        f"{line.account.code} {plain_number(line.amount)} {line.currency_id}" for line in lines
    )
    return f"Take back entry {entry.pk} of the {entry.book} book ({entry.idem_key}): {told}."


def reversal_carry_out(payload: Payload, request: Request) -> str:
    """Post the mirror."""
    posted = entry_reverse(entry_id=payload["entry_id"], request=request)
    return f"reversed by entry {posted.id}"
