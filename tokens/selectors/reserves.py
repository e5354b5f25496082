"""What was told of reserves: the newest epoch, its trees and proofs, and whether it still holds."""

import hashlib
import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from tokens.models import ReserveLeaf, ReserveSnapshot
from tokens.rules.reserves import Leaf, Node, beside, leaf_node, proof_of, root_of
from treasury.selectors.integrity import FINDINGS_MAX

EXPORT_FORMAT = "df.reserves_export.v1"
HEAD_FORMAT = "df.reserves_head.v1"
PROOF_FORMAT = "df.reserves_proof.v1"
_NODES_IN_LINE = 1_000

Line = dict[str, Any]


def reserves_head(*, book: str) -> ReserveSnapshot | None:
    """The newest epoch of the book; None before the first."""
    return ReserveSnapshot.objects.filter(book=book).order_by("-epoch").first()


def head_line(snapshot: ReserveSnapshot) -> Line:
    """One epoch alone, for whoever checks a proof against it."""
    return {"format": HEAD_FORMAT, "book": snapshot.book, **_told(snapshot)}


def export_lines(newest: ReserveSnapshot) -> Iterator[tuple[Line, str]]:
    """Every epoch up to this one and its leaves by hash and amount; each line with how far it is.

    Who has which leaf is not told.
    """
    yield {"format": EXPORT_FORMAT, "book": newest.book}, ""
    epochs = ReserveSnapshot.objects.filter(book=newest.book, epoch__lte=newest.epoch)
    for one in epochs.order_by("epoch").iterator():
        yield _told(one), f"{one.epoch} of {newest.epoch} epochs"
    leaves = newest.leaves.order_by("unit", "place")
    done, total = 0, leaves.count()
    for unit, rows in groupby(leaves.iterator(), key=lambda row: row.unit):
        nodes: list[list[str]] = []
        for row in rows:
            node = leaf_node(_leaf_of(row))
            nodes.append([node.sha256.hex(), str(node.amount)])
            done += 1
            if len(nodes) == _NODES_IN_LINE:
                yield {"unit": unit, "nodes": nodes}, f"{done} of {total} leaves"
                nodes = []
        if nodes:
            yield {"unit": unit, "nodes": nodes}, f"{done} of {total} leaves"


def proof_line(snapshot: ReserveSnapshot, *, unit: str, holder: str) -> Line | None:
    """What one holder checks against the epoch's statement; None where there is no such leaf."""
    row = snapshot.leaves.filter(unit=unit, holder=holder).first()
    if row is None:
        return None
    way = beside(_nodes(snapshot, unit), row.place)
    of = {"format": PROOF_FORMAT, "book": snapshot.book, "epoch": snapshot.epoch}
    return of | proof_of(_leaf_of(row), row.place, way)


def reserves_unlike_leaves() -> list[str]:
    """Epochs whose text is not what was hashed, or whose leaves give another root or sum."""
    found: list[str] = []
    for one in ReserveSnapshot.objects.order_by("book", "epoch").iterator():
        if hashlib.sha256(one.statement.encode()).hexdigest() != one.sha256:
            found.append(f"epoch {one.epoch} of the {one.book} book is not what was hashed")
        for owed in json.loads(one.statement)["owed"]:
            nodes = _nodes(one, owed["unit"])
            told = bytes.fromhex(owed["root"]), int(owed["sum"]), owed["leaves"]
            root = root_of(nodes) if nodes else Node(b"", 0)
            if (root.sha256, root.amount, len(nodes)) != told:
                words = f"leaves of {owed['unit']} do not give its root and sum"
                found.append(f"epoch {one.epoch} of the {one.book} book: {words}")
        if len(found) >= FINDINGS_MAX:
            break
    return found[:FINDINGS_MAX]


def _told(one: ReserveSnapshot) -> Line:
    return {
        "statement": one.statement,
        "sha256": one.sha256,
        "public_key": one.public_key,
        "signature": one.signature,
    }


def _nodes(snapshot: ReserveSnapshot, unit: str) -> list[Node]:
    """The leaves of one unit as nodes, in their places."""
    return [leaf_node(_leaf_of(row)) for row in snapshot.leaves.filter(unit=unit).order_by("place")]


def _leaf_of(row: ReserveLeaf) -> Leaf:
    """A stored leaf as it is hashed."""
    return Leaf(row.unit, row.holder, int(row.amount), row.salt)
