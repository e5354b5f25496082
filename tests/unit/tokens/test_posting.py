"""Closed position → token entries, in the unit's own currency or the account's."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.tokens import (
    DA_PARAMETERS,
    DAI_PARAMETERS,
    DCT_PARAMETERS,
    closed_position,
)
from tokens.rules.posting import award_for
from treasury.rules.drafts import draft_check

PARAMETERS = {"DAI": DAI_PARAMETERS, "DA": DA_PARAMETERS, "DCT": DCT_PARAMETERS}


def award(code: str, **facts):
    return award_for(code, closed_position(**facts), PARAMETERS[code], decimals=9)


@pytest.mark.parametrize(
    ("code", "kind"), [("DAI", "token.dai"), ("DA", "token.da"), ("DCT", "token.dct_accrual")]
)
def test_key_kind_and_source_name_the_position_and_its_fold(code, kind):
    draft = award(code).draft
    assert draft.idem_key == f"tok:3:77:2:{code}"
    assert draft.kind == kind
    assert draft.source == "execution.position:5"


@pytest.mark.parametrize("code", ["DAI", "DA"])
def test_points_are_issued_into_the_pool_in_their_own_unit(code):
    made = award(code)
    assert [(line.account_code, line.currency, line.amount) for line in made.draft.lines] == [
        (f"Equity:Issued:{code}", code, made.amount),
        (f"Liabilities:Holders:{code}:Pool", code, -made.amount),
    ]


def test_a_gain_accrues_to_three_shares():
    lines = {line.account_code: line.amount for line in award("DCT").draft.lines}
    assert lines == {
        "Equity:Accrual:DCT:Result:USD": Decimal(10),
        "Equity:Accrual:DCT:Burn:USD": Decimal(-2),
        "Equity:Accrual:DCT:Reward:USD": Decimal(-3),
        "Equity:Accrual:DCT:Retained:USD": Decimal(-5),
    }


def test_a_loss_accrues_with_the_other_sign():
    lost = award("DCT", quality__net=Decimal("-10")).draft
    assert [line.amount for line in lost.lines] == [-10, 2, 3, 5]


def test_a_result_of_exactly_zero_has_a_reason_instead_of_an_entry():
    made = award("DCT", quality__net=Decimal(0))
    assert made.draft is None
    assert made.amount == 0
    assert made.reason


@given(st.integers(-(10**12), 10**12))
def test_every_result_gives_balanced_entries_within_the_currency(units):
    net = Decimal(units).scaleb(-8)
    for code in PARAMETERS:
        draft = award(code, quality__net=net).draft
        if draft is not None:
            draft_check(draft)
            assert all(line.amount.as_tuple().exponent >= -9 for line in draft.lines)
