"""A snapshot of what a book owes its holders and what the chain holds: hashed, signed, chained."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.text.canonical import canonical_json
from tokens.errors import ReservesRefused
from tokens.models import ReserveLeaf, ReserveSnapshot
from tokens.rules.reserves import SALT_BYTES, Leaf, Node, leaf_node, levels
from tokens.selectors.chain import chain_rows
from treasury.models import BOOKS, Currency
from treasury.selectors.balances import trial_balance

FORMAT = "df.reserves.v1"
NOTHING_BEFORE = "0" * 64
_OWED = ("Liabilities:Holders:", "Liabilities:Pool:", "Liabilities:Investors:")


@transaction.atomic
def reserves_snapshot(*, book: str, actor: str) -> ReserveSnapshot:
    """Take the next epoch: a tree for each unit that is owed, and each bound token's last block.

    Raises ReservesRefused where nothing is owed or an account is below zero.
    """
    _turn_take(book)
    leaves = _leaves(book)
    before = ReserveSnapshot.objects.filter(book=book).order_by("-epoch").first()
    moment = now()
    statement = canonical_json(
        {
            "format": FORMAT,
            "book": book,
            "epoch": before.epoch + 1 if before else 1,
            "at": moment,
            "previous": before.sha256 if before else NOTHING_BEFORE,
            "owed": [_owed(unit, found) for unit, found in sorted(leaves.items())],
            "chains": _chains(book),
        }
    )
    public_key, signature = statement_sign(statement.encode())
    snapshot = ReserveSnapshot.objects.create(
        book=book,
        epoch=before.epoch + 1 if before else 1,
        at=moment,
        statement=statement,
        sha256=hashlib.sha256(statement.encode()).hexdigest(),
        previous=before.sha256 if before else NOTHING_BEFORE,
        public_key=public_key,
        signature=signature,
    )
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
    record(
        names.RESERVES_CHECKED,
        subject=subject_of(ReserveSnapshot, snapshot.pk),
        trace_id="",
        actor=actor,
        detail={"book": book, "epoch": snapshot.epoch, "sha256": snapshot.sha256},
    )
    return snapshot


def statement_sign(statement: bytes) -> tuple[str, str]:
    """Public key and Ed25519 signature in hex; both empty where there is no SIGNING_KEY."""
    if not settings.SIGNING_KEY:
        return "", ""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.SIGNING_KEY))
    public = key.public_key().public_bytes_raw()
    return public.hex(), key.sign(statement).hex()


def snapshot_nodes(snapshot: ReserveSnapshot, unit: str) -> list[Node]:
    """The leaves of one unit as nodes, in their places."""
    rows = snapshot.leaves.filter(unit=unit).order_by("place")
    return [leaf_node(leaf_of(one)) for one in rows]


def leaf_of(row: ReserveLeaf) -> Leaf:
    """A stored leaf as it is hashed."""
    return Leaf(row.unit, row.holder, int(row.amount), row.salt)


def _leaves(book: str) -> dict[str, list[Leaf]]:
    """By unit, in the order of accounts; amounts in the unit's smallest parts."""
    assert book in BOOKS
    scales = dict(Currency.objects.values_list("code", "scale"))
    found: dict[str, list[Leaf]] = defaultdict(list)
    for row in trial_balance(book=book):
        if not row.code.startswith(_OWED) or row.balance == 0:
            continue
        amount = -row.balance
        if amount < 0:
            raise ReservesRefused(f"{row.code} is below zero")
        units = int(Decimal(amount).scaleb(scales[row.currency]))
        salt = secrets.token_hex(SALT_BYTES)
        found[row.currency].append(Leaf(row.currency, row.code, units, salt))
    if not found:
        raise ReservesRefused(f"the {book} book owes nobody anything")
    return found


def _owed(unit: str, leaves: list[Leaf]) -> dict[str, object]:
    root = levels([leaf_node(one) for one in leaves])[-1][0]
    scale = Currency.objects.get(code=unit).scale
    return {
        "unit": unit,
        "scale": scale,
        "leaves": len(leaves),
        "sum": str(root.amount),
        "root": root.sha256.hex(),
    }


def _chains(book: str) -> list[dict[str, object]]:
    return [
        {
            "token": row.token,
            "network": row.network,
            "state": row.state,
            "seen_at": row.seen_at,
            "block": row.block,
            "supply": row.supply,
            "treasury": row.balance,
        }
        for row in chain_rows(book=book)
    ]


def _turn_take(book: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tokens.reserves:{book}"]
        )
