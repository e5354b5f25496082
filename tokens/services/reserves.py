"""A snapshot of what a book owes and of what there is for it: hashed, signed, chained to the last.

Whoever asks for one, and a job once a day, come here; `export_reserves` and the page of the seal
tell what was taken.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.sealing import seal_head, sealed_logs
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle
from fusion_project.text.canonical import canonical_json
from tokens.errors import NothingOwed, ReservesRefused
from tokens.models import ChainBinding, ReserveLeaf, ReserveSnapshot
from tokens.rules.reserves import SALT_BYTES, Leaf, leaf_node, root_of
from tokens.selectors.reserves import reserves_head
from treasury.models import BOOKS, Currency
from treasury.rules.drafts import EXACT
from treasury.selectors.balances import TrialBalanceRow, trial_balance

FORMAT: Final = "df.reserves.v1"
EVERY: Final = dt.timedelta(days=1)
_NOTHING_BEFORE: Final = "0" * 64
# What a broker has lent is the broker's, and lies there: neither owed to a holder nor ours.
_LENT: Final = "Liabilities:Broker:"


@transaction.atomic
def reserves_snapshot(*, book: str, actor: str) -> ReserveSnapshot:
    """Take the next epoch: a tree for each unit that is owed, and what there is for it.

    Raises NothingOwed, and ReservesRefused where somebody's account is below zero, which would
    make the sum say less than is owed.
    """
    _turn_take(book)
    before = reserves_head(book=book)
    moment, rows = now(), trial_balance(book=book)
    leaves = _leaves(book, rows)
    epoch, previous = (before.epoch + 1, before.sha256) if before else (1, _NOTHING_BEFORE)
    statement = canonical_json(
        {
            "format": FORMAT,
            "book": book,
            "epoch": epoch,
            "at": moment,
            "previous": previous,
            "owed": [_owed(unit, leaves[unit]) for unit in sorted(leaves)],
            "assets": _assets(rows),
            "ledger": _ledger_head(),
            "chains": _chains(book),
        }
    )
    public_key, signature = statement_sign(statement.encode())
    snapshot = ReserveSnapshot.objects.create(
        book=book,
        epoch=epoch,
        at=moment,
        statement=statement,
        sha256=hashlib.sha256(statement.encode()).hexdigest(),
        previous=previous,
        public_key=public_key,
        signature=signature,
    )
    _leaves_store(snapshot, leaves)
    _recorded(snapshot, actor)
    return snapshot


def reserves_take_due() -> None:
    """Take an epoch of each book that owes something and whose last one is a day old."""
    for book in BOOKS:
        last = reserves_head(book=book)
        if last is not None and last.at > now() - EVERY:
            continue
        subject = f"tokens.reserves:{book}"
        try:
            reserves_snapshot(book=book, actor="system")
        except NothingOwed:
            continue
        except ReservesRefused as refusal:
            incident_open(kind=kinds.RESERVES_REFUSED, subject=subject, note=str(refusal))
        else:
            incident_settle(kind=kinds.RESERVES_REFUSED, subject=subject, note="an epoch was taken")


def statement_sign(statement: bytes) -> tuple[str, str]:
    """Public key and Ed25519 signature in hex; both empty where there is no SIGNING_KEY."""
    if not settings.SIGNING_KEY:
        return "", ""
    # Loaded by who signs alone.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.SIGNING_KEY))
    return key.public_key().public_bytes_raw().hex(), key.sign(statement).hex()


def _leaves(book: str, rows: Sequence[TrialBalanceRow]) -> dict[str, list[Leaf]]:
    """By unit, in the order of accounts: every liability of the book, but for what was lent."""
    scales = dict(Currency.objects.values_list("code", "scale"))
    found: dict[str, list[Leaf]] = defaultdict(list)
    for row in rows:
        if row.kind != "liability" or row.code.startswith(_LENT) or row.balance == 0:
            continue
        if row.balance > 0:
            raise ReservesRefused(f"{row.code} of the {book} book is below zero")
        amount = int(EXACT.scaleb(-row.balance, scales[row.currency]))
        salt = secrets.token_hex(SALT_BYTES)
        found[row.currency].append(Leaf(row.currency, row.code, amount, salt))
    if not found:
        raise NothingOwed(f"the {book} book owes nobody anything")
    return found


def _leaves_store(snapshot: ReserveSnapshot, leaves: dict[str, list[Leaf]]) -> None:
    ReserveLeaf.objects.bulk_create(
        ReserveLeaf(
            snapshot=snapshot,
            unit=unit,
            place=place,
            holder=one.holder,
            amount=one.amount,
            salt=one.salt,
        )
        for unit, found in leaves.items()
        for place, one in enumerate(found)
    )


def _owed(unit: str, leaves: list[Leaf]) -> dict[str, object]:
    root = root_of([leaf_node(one) for one in leaves])
    return {
        "unit": unit,
        "scale": Currency.objects.get(code=unit).scale,
        "leaves": len(leaves),
        "sum": str(root.amount),
        "root": root.sha256.hex(),
    }


def _assets(rows: Sequence[TrialBalanceRow]) -> list[dict[str, object]]:
    """What the ledger holds of each money, in whole units, without what was lent."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.kind == "asset" or row.code.startswith(_LENT):
            sums[row.currency] = EXACT.add(sums[row.currency], row.balance)
    return [{"unit": unit, "amount": amount} for unit, amount in sorted(sums.items())]


def _ledger_head() -> str:
    """The seal's hash of the ledger: which entries it was that gave these sums."""
    (log,) = (one for one in sealed_logs() if one.name == "treasury")
    return seal_head(log)


def _chains(book: str) -> list[dict[str, object]]:
    """Of each bound token where to look on its chain, and what was seen there last."""
    bound = ChainBinding.objects.select_related("token", "observation").filter(book=book)
    return [_chain(one) for one in bound.order_by("token__code")]


def _chain(bound: ChainBinding) -> dict[str, object]:
    read = bound.observations.exclude(seqno=None).order_by("-seqno").first()
    return {
        "token": bound.token.code,
        "network": bound.network,
        "master": bound.master,
        "owner": bound.owner,
        "state": bound.state,
        "seen_at": bound.observation.at if bound.observation else None,
        "block": read.seqno if read else None,
        "supply": str(read.supply) if read else None,
        "treasury": str(read.balance) if read else None,
    }


def _recorded(snapshot: ReserveSnapshot, actor: str) -> None:
    record(
        names.RESERVES_CHECKED,
        subject=subject_of(ReserveSnapshot, snapshot.pk),
        trace_id="",
        actor=actor,
        detail={"book": snapshot.book, "epoch": snapshot.epoch, "sha256": snapshot.sha256},
    )


def _turn_take(book: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tokens.reserves:{book}"]
        )
