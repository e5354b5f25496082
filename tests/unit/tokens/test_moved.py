"""What moved of ours: rows of others are not taken, odd ones make an answer unreadable."""

import json

import pytest

from tokens.chain.address import Address
from tokens.chain.answers import burns, rows_in, transfers
from tokens.errors import ChainAnswerUnreadable

OURS, MASTER, BUYER, OTHER = (Address(0, bytes([number]) * 32) for number in range(1, 5))


def row(**facts) -> dict[str, object]:
    told = {
        "owner": OURS.raw,
        "source": OURS.raw,
        "destination": BUYER.raw,
        "jetton_master": MASTER.raw,
        "transaction_hash": "ab" * 32,
        "transaction_lt": "7",
        "transaction_now": 1_767_225_600,
        "transaction_aborted": False,
        "amount": "5",
    }
    return told | facts


def burnt(*rows):
    raw = json.dumps({"jetton_burns": rows}).encode()
    return burns(raw, owner=OURS, master=MASTER)


def transferred(*rows):
    raw = json.dumps({"jetton_transfers": rows}).encode()
    return transfers(raw, owner=OURS, master=MASTER)


NOT_OURS = [
    {"owner": OTHER.raw, "source": OTHER.raw},
    {"jetton_master": OTHER.raw},
    {"transaction_aborted": True},
]


@pytest.mark.parametrize("facts", NOT_OURS)
def test_a_row_of_another_owner_another_jetton_or_a_failed_one_is_not_taken(facts):
    assert [one.units for one in burnt(row(**facts), row())] == [5]
    assert [one.units for one in transferred(row(**facts), row())] == [5]


def test_what_leaves_comes_and_is_minted_is_told_apart():
    found = transferred(
        row(),
        row(source=OTHER.friendly(), destination=OURS.raw.upper()),
        row(source=MASTER.raw, destination=OURS.raw),
        row(source=None, destination=OURS.raw),
        row(destination=OURS.raw),
    )
    assert [(one.kind, one.other) for one in found] == [
        ("out", BUYER.raw),
        ("in", OTHER.raw),
        ("in", MASTER.raw),
        ("in", MASTER.raw),
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"amount": "-5"},
        {"amount": "5.0"},
        {"amount": "1e9"},
        {"amount": str(2**120)},
        {"amount": "9" * 5_000},
        {"amount": "٥"},
        {"amount": 5},
        {"transaction_hash": "ab"},
        {"transaction_lt": "x"},
        {"transaction_now": 10**18},
        {"jetton_master": MASTER.raw[:-1]},
        {"transaction_aborted": "no"},
    ],
)
def test_one_odd_row_makes_the_whole_answer_unreadable(facts):
    for read in (burnt, transferred):
        with pytest.raises(ChainAnswerUnreadable):
            read(row(), row(**facts))


def test_a_page_counts_everybodys_rows():
    raw = json.dumps({"jetton_burns": [row(), row(owner=OTHER.raw)]}).encode()
    assert rows_in(raw) == 2
