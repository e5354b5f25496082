"""Merkle trees against their definition in RFC 6962, written down once more."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion_project.events import merkle

leaf_lists = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70)


def as_defined(leaves: list[bytes]) -> bytes:
    """Section 2.1: split at the largest power of two smaller than the count."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + as_defined(leaves[:half]) + as_defined(leaves[half:])).digest()


@given(leaf_lists)
def test_the_root_is_the_defined_one_for_any_leaves(leaves) -> None:
    assert merkle.root(leaves) == as_defined(leaves)


def test_known_roots_of_the_reference_implementation() -> None:
    """Inputs and roots of the test vectors of Certificate Transparency."""
    records = [bytes.fromhex(one) for one in ("", "00", "10", "2021", "3031", "40414243")]
    leaves = [merkle.leaf_hash(record) for record in records]
    assert merkle.root(leaves[:1]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert merkle.root(leaves[:3]).hex() == (
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    )
    assert merkle.root(leaves[:6]).hex() == (
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"
    )


@given(leaf_lists, st.data())
def test_a_proof_leads_from_its_leaf_to_the_root_and_is_short(leaves, data) -> None:
    position = data.draw(st.integers(0, len(leaves) - 1))
    beside = merkle.proof(leaves, position)
    assert merkle.root_by_proof(leaves[position], position, len(leaves), beside) == (
        as_defined(leaves)
    )
    assert len(beside) <= (len(leaves) - 1).bit_length()


@given(leaf_lists.filter(lambda leaves: len(leaves) > 1), st.data())
def test_a_proof_fits_no_other_leaf_and_no_other_place(leaves, data) -> None:
    position = data.draw(st.integers(0, len(leaves) - 1))
    beside = merkle.proof(leaves, position)
    forged = hashlib.sha256(leaves[position]).digest()
    assert merkle.root_by_proof(forged, position, len(leaves), beside) != merkle.root(leaves)
    bent = [hashlib.sha256(beside[0]).digest(), *beside[1:]]
    assert merkle.root_by_proof(leaves[position], position, len(leaves), bent) != (
        merkle.root(leaves)
    )


@given(leaf_lists, st.data())
def test_a_proof_of_another_length_is_refused(leaves, data) -> None:
    position = data.draw(st.integers(0, len(leaves) - 1))
    beside = merkle.proof(leaves, position)
    with pytest.raises(ValueError, match="too long"):
        merkle.root_by_proof(leaves[position], position, len(leaves), [*beside, b"\0" * 32])
    if beside:
        with pytest.raises(ValueError, match="too short"):
            merkle.root_by_proof(leaves[position], position, len(leaves), beside[:-1])


@given(leaf_lists.filter(lambda leaves: len(leaves) > 1))
def test_no_node_passes_for_a_leaf(leaves) -> None:
    left, right = merkle.root(leaves[:1]), merkle.root(leaves[1:])
    assert merkle.node_hash(left, right) != merkle.leaf_hash(left + right)


def test_a_tree_without_leaves_and_a_place_that_is_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="needs a leaf"):
        merkle.root([])
    with pytest.raises(IndexError, match="no leaf at 1 of 1"):
        merkle.proof([b"\0" * 32], 1)
    with pytest.raises(ValueError, match="no leaf at -1 of 1"):
        merkle.root_by_proof(b"\0" * 32, -1, 1, [])
