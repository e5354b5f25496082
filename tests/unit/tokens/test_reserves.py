"""The Merkle-sum tree: every holder is in the sum, and the verifier's own arithmetic holds."""

import hashlib
import importlib.util
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tokens.rules.reserves import (
    PADDING,
    Leaf,
    Node,
    beside,
    leaf_node,
    node_above,
    proof_of,
    root_by_way,
    root_of,
)
from tokens.selectors.reserves import PROOF_FORMAT

VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verify" / "verify_reserves.py"
_spec = importlib.util.spec_from_file_location("verify_reserves", VERIFIER)
assert _spec is not None
assert _spec.loader is not None
verifier = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verifier)

leaves = st.lists(
    st.builds(
        Leaf,
        st.just("DCT"),
        st.text(max_size=20),
        st.integers(0, 10**27),
        st.text("0123456789abcdef", min_size=32, max_size=32),
    ),
    min_size=1,
    max_size=20,
)


@given(leaves, st.data())
def test_every_leaf_leads_to_the_root_and_its_sum(found, data):
    nodes = [leaf_node(one) for one in found]
    root = root_of(nodes)
    assert root.amount == sum(one.amount for one in found)
    place = data.draw(st.integers(0, len(found) - 1))
    way = beside(nodes, place)
    assert root_by_way(nodes[place], place, way) == root
    other = Node(nodes[place].sha256, nodes[place].amount + 1)
    assert root_by_way(other, place, way) != root
    # Two leaves that are the same may change places.
    assert not way or way[0] == nodes[place] or root_by_way(nodes[place], place ^ 1, way) != root


@given(leaves)
def test_the_verifier_computes_the_same_root(found):
    theirs = [
        (verifier.leaf_hash(one.unit, one.holder, one.amount, one.salt), one.amount)
        for one in found
    ]
    root = root_of([leaf_node(one) for one in found])
    assert verifier.root_of(theirs) == (root.sha256, root.amount)


def test_the_proof_of_one_among_a_thousand_holders_is_less_than_a_kilobyte():
    holder = f"Liabilities:Holders:DCT:Holder-M{'AB' * 32}"
    # As much as a thousandth of all there will ever be, each.
    found = [Leaf("DCT", holder, 10**14 + at, "ab" * 16) for at in range(1_000)]
    way = beside([leaf_node(one) for one in found], 777)
    of = {"format": PROOF_FORMAT, "book": "paper", "epoch": 9_999}
    proof = of | proof_of(found[777], 777, way)
    assert len(json.dumps(proof, separators=(",", ":"))) < 1_000


def test_a_sum_counts_in_the_hash_of_the_node_above():
    one, other = Node(b"a" * 32, 5), Node(b"b" * 32, 7)
    assert node_above(one, other).sha256 != node_above(Node(one.sha256, 6), other).sha256


def test_an_amount_or_a_sum_below_zero_is_refused():
    with pytest.raises(ValueError, match="has -1"):
        leaf_node(Leaf("DCT", "x", -1, "00"))
    with pytest.raises(OverflowError):
        node_above(Node(b"a" * 32, 5), Node(b"b" * 32, -1))
    for text in ("-1", "+1", " 1", "1.0", "\u0663", "", 1):
        with pytest.raises(ValueError, match="is no amount"):
            verifier.amount_read(text)


def test_a_node_is_never_taken_for_a_leaf_nor_what_fills_for_either():
    """One text hashed as a leaf, as a node and as filling gives three hashes."""
    left, right = Node(b"a" * 32, 1), Node(b"b" * 32, 2)
    told = b"".join(one.sha256 + one.amount.to_bytes(32, "big") for one in (left, right))
    plain = {hashlib.sha256(prefix + told).digest() for prefix in (b"", b"\x00", b"\x02")}
    assert node_above(left, right).sha256 not in plain
    leaf = leaf_node(Leaf("DCT", "x", 0, "00"))
    assert leaf.sha256 != PADDING.sha256
    assert (verifier.PADDING, verifier.above(verifier.PADDING, (left.sha256, 1))) == (
        (PADDING.sha256, 0),
        (node_above(PADDING, left).sha256, 1),
    )


def test_the_verifier_knows_the_vectors_of_rfc_8032_and_no_others():
    assert verifier.knows_the_vectors()
    for vector in verifier.VECTORS:
        key, text, signed = (bytes.fromhex(one) for one in vector)
        assert not verifier.signature_holds(key, text + b"x", signed)
        assert not verifier.signature_holds(key, text, bytes([signed[0] ^ 1]) + signed[1:])
        assert not verifier.signature_holds(key, text, signed[:63] + bytes([signed[63] ^ 0x80]))
        # The same signature with its scalar past the order would be a second one for one text.
        more = int.from_bytes(signed[32:], "little") + verifier.ORDER
        assert not verifier.signature_holds(key, text, signed[:32] + more.to_bytes(32, "little"))


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300), st.binary(max_size=8))
def test_the_verifier_holds_what_a_library_signs_and_nothing_else(seed, text, other):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signed = key.public_key().public_bytes_raw(), key.sign(text)
    assert verifier.signature_holds(public, text, signed)
    assert verifier.signature_holds(public, other, signed) == (text == other)
