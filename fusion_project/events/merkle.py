"""Merkle trees as in RFC 6962: a root for many leaves, and short proofs that one is among them.

Pure. A leaf is hashed behind a zero byte and a node behind a one, so neither passes for the other.
"""

import hashlib
from collections.abc import Sequence

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"


def leaf_hash(record: bytes) -> bytes:
    """Hash of one record, as a leaf."""
    return hashlib.sha256(LEAF_PREFIX + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node over its two children."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes in their order. Raises ValueError where there are none."""
    return _levels(leaves)[-1][0]


def proof(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """Hashes beside the way from a leaf to the root, the lowest first. Raises IndexError."""
    if not 0 <= position < len(leaves):
        raise IndexError(f"no leaf at {position} of {len(leaves)}")
    beside = []
    for level in _levels(leaves)[:-1]:
        neighbour = position ^ 1
        if neighbour < len(level):
            beside.append(level[neighbour])
        position //= 2
    return beside


def root_by_proof(leaf: bytes, position: int, count: int, beside: Sequence[bytes]) -> bytes:
    """Root that follows from a leaf's place and its proof. Raises ValueError for a wrong length."""
    if not 0 <= position < count:
        raise ValueError(f"no leaf at {position} of {count}")
    reached, left = leaf, list(beside)
    while count > 1:
        if position ^ 1 < count:
            if not left:
                raise ValueError("the proof is too short")
            other = left.pop(0)
            reached = node_hash(other, reached) if position % 2 else node_hash(reached, other)
        position, count = position // 2, (count + 1) // 2
    if left:
        raise ValueError("the proof is too long")
    return reached


def _levels(leaves: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Leaves, their nodes, and so on to the root; a last one without neighbour moves up as it is.

    That gives the tree of RFC 6962, which splits at the largest power of two below the count.
    """
    if not leaves:
        raise ValueError("a tree needs a leaf")
    levels: list[Sequence[bytes]] = [leaves]
    while len(levels[-1]) > 1:
        level = levels[-1]
        pairs = range(0, len(level) - 1, 2)
        above = [node_hash(level[at], level[at + 1]) for at in pairs]
        levels.append(above if len(level) % 2 == 0 else [*above, level[-1]])
    return levels
