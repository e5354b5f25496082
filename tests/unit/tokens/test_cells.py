"""Cells are read as the chain writes them; damaged ones are refused, however they are damaged."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokens.chain.address import Address
from tokens.chain.cells import (
    Cell,
    address_cell,
    address_of_cell,
    boc_read,
    boc_write,
    crc32c,
)
from tokens.errors import ChainAnswerUnreadable

# An address and a dictionary as TON Center answered for a collection of the documentation.
COLLECTION = "te6cckEBAQEAJAAAQ4AW7psr1kCofjDYDWbjVxFa4J78SsJhlfLDEm0U+hltmfDtDcL7"
CONTENT = (
    "te6cckEBCQEA7AABAwDAAQIBIAIDAUO/5NEvz/d9f/ZWh+aYYobkmY5/xar2cp73sULgTwvzeuvABAIBbgUGAER0c3/qevIyXw"
    "pbaQiTnJ1y+S20wMpSzKjOLEi7Jwi/GIVBAUG/I1EBQhz26hlqnwXCrTM5k2Qg5o03P1s9x0U4CBUQ7G4HAUG/LrgQbAsQe0P2"
    "KTvsDm8eA3Wr0ofDEIPQlYa5wXdpD/oIAEmf04AQe/qqXMblNo5fl5kYi9eYzSLgSrFtHY6k/DdIB0HmNQAQAEatAVFmGM9svp"
    "AE9og+dCyaLjylPtAuPjb0zvYqmO4eRJF0AIDBvlU="
)
accounts = st.builds(Address, st.sampled_from([0, -1]), st.binary(min_size=32, max_size=32))


def test_an_address_that_a_node_answered_is_read_with_its_checksum():
    found = address_of_cell(boc_read(COLLECTION))
    assert found is not None
    assert found.raw == "0:b774d95eb20543f186c06b371ab88ad704f7e256130caf96189368a7d0cb6ccf"


def test_the_empty_cell_has_the_hash_that_the_chain_gives_it():
    assert Cell(b"", 0).sha256.hex() == (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    )


def test_a_tree_of_cells_is_read_whole():
    found = boc_read(CONTENT)
    assert (len(found.below), found.depth) == (1, 4)
    assert found.sha256.hex() == CONTENT_HASH


def test_crc32c_is_castagnolis():
    assert crc32c(b"123456789")[::-1].hex() == "e3069283"


@given(accounts)
def test_an_address_is_written_as_one_cell_and_read_back(account):
    assert address_of_cell(boc_read(boc_write(address_cell(account)))) == account


def test_nobodys_address_is_none():
    assert address_of_cell(Cell(b"\x20", 2)) is None


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(octets):
    for text in (octets, b"\xb5\xee\x9c\x72" + octets):
        try:
            boc_read(base64.b64encode(text).decode())
        except ChainAnswerUnreadable:
            continue


@given(st.integers(0, 2_000), st.integers(0, 255))
def test_one_altered_octet_of_a_summed_bag_is_refused(at, octet):
    octets = bytearray(base64.b64decode(CONTENT))
    if octets[at % len(octets)] != octet:
        octets[at % len(octets)] = octet
        with pytest.raises(ChainAnswerUnreadable):
            boc_read(base64.b64encode(bytes(octets)).decode())


def test_a_bag_that_is_cut_off_is_refused_wherever_it_is():
    octets = base64.b64decode(CONTENT)
    for end in range(len(octets)):
        with pytest.raises(ChainAnswerUnreadable):
            boc_read(base64.b64encode(octets[:end]).decode())


def test_a_cell_shared_by_all_above_it_costs_no_more_than_one():
    """A bag of 300 cells, each pointing four times at the next: 4^300 ways down."""
    rows = [bytes([4, 0, *[*(at + 1).to_bytes(2)] * 4]) for at in range(299)] + [b"\0\0"]
    body = b"".join(rows)
    head = b"\xb5\xee\x9c\x72" + bytes([2, 2]) + (300).to_bytes(2) + (1).to_bytes(2) + b"\0\0"
    bag = head + len(body).to_bytes(2) + b"\0\0" + body
    assert boc_read(base64.b64encode(bag).decode()).depth == 299


def test_a_cell_that_points_backward_or_at_itself_is_refused():
    for target in (0, 1):
        body = bytes([1, 0, 1, 1, 0, target])
        bag = b"\xb5\xee\x9c\x72" + bytes([1, 1, 2, 1, 0, len(body), 0]) + body
        with pytest.raises(ChainAnswerUnreadable, match="backward"):
            boc_read(base64.b64encode(bag).decode())


CONTENT_HASH = "449a760585e41c8a4aea182ae84e47f66cd88f96a926649f1e314936b4934c89"
