"""The Merkle-sum tree: every holder is in the sum, and the verifier's own arithmetic holds."""

import importlib.util
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokens.rules.reserves import (
    Leaf,
    Node,
    beside,
    leaf_node,
    levels,
    node_above,
    proof_of,
    root_by_way,
)

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
# RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
        "1cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
        "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
        "984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@given(leaves, st.data())
def test_every_leaf_leads_to_the_root_and_its_sum(found, data):
    nodes = [leaf_node(one) for one in found]
    root = levels(nodes)[-1][0]
    assert root.amount == sum(one.amount for one in found)
    place = data.draw(st.integers(0, len(found) - 1))
    way = beside(nodes, place)
    assert root_by_way(nodes[place], place, way) == root
    other = Node(nodes[place].sha256, nodes[place].amount + 1)
    assert root_by_way(other, place, way) != root


@given(leaves)
def test_the_verifier_computes_the_same_root(found):
    theirs = [
        (verifier.leaf_hash(one.unit, one.holder, one.amount, one.salt), one.amount)
        for one in found
    ]
    root = levels([leaf_node(one) for one in found])[-1][0]
    assert verifier.root_of(theirs) == (root.sha256, root.amount)


def test_the_proof_of_one_among_a_thousand_holders_is_less_than_a_kilobyte():
    holder = f"Liabilities:Holders:DCT:Holder-{'AB' * 32}"
    found = [Leaf("DCT", f"{holder}{at}", 10**14 + at, "ab" * 16) for at in range(1_000)]
    nodes = [leaf_node(one) for one in found]
    proof = proof_of(found[777], 777, beside(nodes, 777))
    assert len(json.dumps(proof, separators=(",", ":"))) < 1_000


def test_a_sum_counts_in_the_hash_of_the_node_above():
    one, other = Node(b"a" * 32, 5), Node(b"b" * 32, 7)
    assert node_above(one, other).sha256 != node_above(Node(one.sha256, 6), other).sha256


def test_an_amount_below_zero_is_refused():
    with pytest.raises(ValueError, match="has -1"):
        leaf_node(Leaf("DCT", "x", -1, "00"))


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_verifier_knows_the_vectors_of_rfc_8032(public, message, signature):
    key, text, signed = (bytes.fromhex(one) for one in (public, message, signature))
    assert verifier.signature_holds(key, text, signed)
    assert not verifier.signature_holds(key, text + b"x", signed)
    assert not verifier.signature_holds(key, text, bytes([signed[0] ^ 1]) + signed[1:])
    assert not verifier.signature_holds(key, text, signed[:63] + bytes([signed[63] ^ 0x80]))
    # The same signature with its scalar past the order would be a second one for one text.
    more = int.from_bytes(signed[32:], "little") + verifier.ORDER
    assert not verifier.signature_holds(key, text, signed[:32] + more.to_bytes(32, "little"))
