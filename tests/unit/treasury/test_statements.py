"""A statement is read to its last digit or not at all, and compared ticket by ticket."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasury.rules.statements import (
    COLUMNS,
    differences_of,
    faults_unknown,
    statement_read,
)

HEADER = ",".join(COLUMNS)
ROW = "5001,9001,2026-03-02 10:00:00,sell,EURUSD,0.10,1.10125,12.50,0,-0.70,0"


def read(*rows: str, header: str = HEADER):
    return statement_read("\n".join([header, *rows]) + "\n", login="5001")


def row(**changed: str) -> str:
    values = dict(zip(COLUMNS, ROW.split(","), strict=True)) | changed
    return ",".join(values.values())


def test_a_row_is_read_exactly() -> None:
    (deal,), faults = read(ROW)
    assert not faults
    assert (deal.ticket, deal.kind, deal.time_seconds) == (9001, "sell", 1_772_445_600)
    assert deal.amounts["commission"] == Decimal("-0.70")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"profit": "1.25e1"}, "profit '1.25e1' is no decimal"),
        ({"profit": "0.1000000000000000055"}, "is no decimal"),
        ({"profit": "NaN"}, "is no decimal"),
        ({"profit": "+1"}, "is no decimal"),
        ({"profit": ""}, "is no decimal"),
        ({"swap": "1 000.00"}, "swap '1 000.00' is no decimal"),
        ({"price": "٣"}, "is no decimal"),
        ({"ticket": "09"}, "is no ticket"),
        ({"ticket": "9001.0"}, "is no ticket"),
        ({"login": "5002"}, "it is of account '5002', not '5001'"),
        ({"time": "2026.03.02 10:00"}, "is not like 2026-03-02 10:00:00"),
        ({"time": "2026-02-30 10:00:00"}, "is not like"),
    ],
)
def test_each_fault_is_told_with_its_line(bad, words) -> None:
    _, faults = read(ROW, row(**{"ticket": "9002", **bad}))
    assert [one.line for one in faults] == [3]
    assert words in str(faults[0])


@pytest.mark.parametrize(
    "header", [HEADER + ",balance", HEADER.replace("fee", "Fee"), HEADER[6:], "", "\x00"]
)
def test_other_columns_are_refused_before_any_row(header) -> None:
    deals, faults = read(ROW, header=header)
    assert deals == []
    assert faults[0].line == 1


def test_a_ticket_comes_once_and_rows_are_whole() -> None:
    _, faults = read(ROW, ROW, ROW + ",1", '"open')
    assert [one.line for one in faults][:2] == [3, 4]
    assert len(faults) == 3


def test_an_empty_statement_says_nothing_that_could_agree() -> None:
    assert read()[1]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text) -> None:
    for start in ("", HEADER + "\n"):
        deals, faults = statement_read(start + text, login="5001")
        assert deals or faults


def test_tickets_that_are_not_here_are_named_by_line() -> None:
    deals, _ = read(ROW, row(ticket="9002"))
    assert [one.line for one in faults_unknown(deals, [9001])] == [3]


def test_what_differs_is_told_by_ticket_and_column() -> None:
    (deal,), _ = read(row(profit="12.51", symbol="EURUSDm"))
    (mine,), _ = read(ROW)
    found = differences_of([deal], {9001: mine})
    assert [(one.column, one.ours, one.theirs) for one in found] == [
        ("symbol", "EURUSD", "EURUSDm"),
        ("profit", "12.5", "12.51"),
    ]


def test_trailing_zeros_are_no_difference() -> None:
    (deal,), _ = read(row(profit="12.5", volume="0.1"))
    (mine,), _ = read(ROW)
    assert differences_of([deal], {9001: mine}) == []


def test_a_deal_that_the_statement_lacks_is_missing() -> None:
    (deal,), _ = read(ROW)
    (found,) = differences_of([deal], {9001: deal, 9002: replace(deal, ticket=9002)})
    assert (found.ticket, found.column) == (9002, "missing")
