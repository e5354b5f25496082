"""What is owed to holders as a Merkle-sum tree: its root says how much, a short proof says to whom.

A node's hash covers the hashes and the sums of both its children, and no sum is below zero, so
nobody can be left out of a sum that a holder checks. Leaves are salted: a proof tells a neighbour's
amount, never whose it is. `docs/verify/verify_reserves.py` computes the same.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LEAF_DOMAIN: Final = "df.reserve_leaf.v1"
# A leaf is never taken for a node, nor what fills the tree for either.
LEAF_PREFIX, NODE_PREFIX, PADDING_PREFIX = b"\x00", b"\x01", b"\x02"
SALT_BYTES: Final = 16
SUM_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Leaf:
    """What one holder has of one unit, in its smallest parts; `salt` in hex."""

    unit: str
    holder: str
    amount: int
    salt: str


@dataclass(frozen=True, slots=True)
class Node:
    """A hash and the sum below it."""

    sha256: bytes
    amount: int


def leaf_node(leaf: Leaf) -> Node:
    """Raises ValueError for an amount below zero: it would hide what others are owed."""
    if leaf.amount < 0:
        raise ValueError(f"{leaf.holder} has {leaf.amount}")
    fields = (LEAF_DOMAIN, leaf.unit, leaf.holder, str(leaf.amount), leaf.salt)
    told = b"".join(_field(one) for one in fields)
    return Node(hashlib.sha256(LEAF_PREFIX + told).digest(), leaf.amount)


def node_above(left: Node, right: Node) -> Node:
    """The node over two. Raises OverflowError for a sum below zero or of more than 32 octets."""
    told = b"".join(one.sha256 + one.amount.to_bytes(SUM_BYTES, "big") for one in (left, right))
    return Node(hashlib.sha256(NODE_PREFIX + told).digest(), left.amount + right.amount)


def levels(nodes: Sequence[Node]) -> list[list[Node]]:
    """From the leaves, filled up to a power of two, to the root. Raises ValueError for none."""
    if not nodes:
        raise ValueError("a tree needs a leaf")
    level = [*nodes, *[PADDING] * ((1 << (len(nodes) - 1).bit_length()) - len(nodes))]
    found = [level]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [node_above(left, right) for left, right in pairs]
        found.append(level)
    return found


def root_of(nodes: Sequence[Node]) -> Node:
    """The one node above all. Raises ValueError for none."""
    return levels(nodes)[-1][0]


def beside(nodes: Sequence[Node], place: int) -> list[Node]:
    """The nodes beside the way from a leaf to the root, the lowest first. Raises IndexError."""
    if not 0 <= place < len(nodes):
        raise IndexError(f"no leaf at {place} of {len(nodes)}")
    found = []
    for level in levels(nodes)[:-1]:
        found.append(level[place ^ 1])
        place //= 2
    return found


def root_by_way(leaf: Node, place: int, way: Sequence[Node]) -> Node:
    """The root that follows from a leaf and the nodes beside its way."""
    reached = leaf
    for other in way:
        reached = node_above(other, reached) if place % 2 else node_above(reached, other)
        place //= 2
    return reached


def proof_of(leaf: Leaf, place: int, way: Sequence[Node]) -> dict[str, object]:
    """What one holder is handed: the leaf and its way, written short (hash in base64, sum)."""
    return {
        "unit": leaf.unit,
        "holder": leaf.holder,
        "amount": str(leaf.amount),
        "salt": leaf.salt,
        "place": place,
        "beside": [f"{base64.b64encode(one.sha256).decode()}:{one.amount}" for one in way],
    }


def _field(value: str) -> bytes:
    raw = value.encode()
    return b"%d:%s" % (len(raw), raw)


PADDING: Final = Node(hashlib.sha256(PADDING_PREFIX).digest(), 0)
