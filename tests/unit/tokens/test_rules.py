"""Points and accrual: worked values, bounds, and sums that are exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.tokens import DA_PARAMETERS, DAI_PARAMETERS, DCT_PARAMETERS, quality
from tokens.errors import RuleParametersInvalid
from tokens.rules.earning import da_points, dai_points, dct_accrual, parameters_check


def dai(**facts) -> Decimal:
    return dai_points(quality(**facts), DAI_PARAMETERS, decimals=9)


def da(**facts) -> Decimal:
    return da_points(quality(**facts), DA_PARAMETERS, decimals=9)


def test_a_believed_winner_earns_nearly_all():
    assert dai(p_final=Decimal("0.9"), net=Decimal(5)) == Decimal("0.99")


def test_a_believed_loser_earns_little_but_never_nothing():
    assert dai(p_final=Decimal("0.9"), net=Decimal(-5)) == Decimal("0.19")
    assert dai(p_final=Decimal(1), net=Decimal(-5)) == Decimal("0.01")


def test_a_decision_without_a_probability_counts_as_a_coin():
    assert dai(p_final=None, net=Decimal(5)) == dai(p_final=Decimal("0.5"), net=Decimal(-5))


def test_a_net_of_zero_is_no_gain():
    assert dai(net=Decimal(0), p_final=Decimal("0.6")) == dai(
        net=Decimal(-1), p_final=Decimal("0.6")
    )


def test_the_score_is_proper_so_honesty_earns_most():
    truth = Decimal("0.7")

    def expected(said: Decimal) -> Decimal:
        won, lost = dai(p_final=said, net=Decimal(1)), dai(p_final=said, net=Decimal(-1))
        return truth * won + (1 - truth) * lost

    best = expected(truth)
    assert all(expected(Decimal(n) / 20) <= best for n in range(21))


def test_a_perfect_fill_earns_the_base():
    assert da(
        entry_slippage_bps=Decimal(0), exit_slippage_bps=Decimal(0), ack_latency_ms=0
    ) == Decimal(1)


def test_five_basis_points_or_two_seconds_halve_it():
    slow = da(entry_slippage_bps=Decimal(0), exit_slippage_bps=Decimal(0), ack_latency_ms=2_000)
    slipped = da(entry_slippage_bps=Decimal(2), exit_slippage_bps=Decimal(3), ack_latency_ms=0)
    assert slow == slipped == Decimal("0.5")


def test_price_improvement_does_not_pay_for_slippage():
    improved = da(entry_slippage_bps=Decimal(-9), exit_slippage_bps=Decimal(5), ack_latency_ms=0)
    assert improved == Decimal("0.5")


def test_an_unknown_latency_counts_half():
    known = da(entry_slippage_bps=Decimal(0), exit_slippage_bps=Decimal(0), ack_latency_ms=None)
    assert known == Decimal("0.5")


@given(
    st.decimals(0, 1, places=12),
    st.decimals(-(10**6), 10**6, places=8),
    st.decimals(-(10**6), 10**6, places=10),
    st.one_of(st.none(), st.integers(0, 10**9)),
)
def test_points_are_always_postable(p_final, net, slippage, latency):
    facts = {"p_final": p_final, "net": net, "entry_slippage_bps": slippage}
    for points in (dai(**facts), da(**facts, ack_latency_ms=latency)):
        assert Decimal("0.01") <= points <= 1
        assert points == points.quantize(Decimal("1e-9"))


def test_the_preset_splits_a_hundred_into_twenty_thirty_fifty():
    assert dct_accrual(Decimal(100), DCT_PARAMETERS, scale=8) == {
        "burn": Decimal(20),
        "reward": Decimal(30),
        "retained": Decimal(50),
    }


def test_the_smallest_unit_goes_to_the_largest_remainder():
    shares = dct_accrual(Decimal("0.00000001"), DCT_PARAMETERS, scale=8)
    assert shares == {"burn": 0, "reward": 0, "retained": Decimal("0.00000001")}


@given(
    st.integers(-(10**20), 10**20),
    st.lists(st.integers(0, 10_000), min_size=2, max_size=2).filter(lambda cut: sum(cut) <= 10_000),
    st.integers(0, 18),
)
def test_shares_sum_exactly_stay_within_a_unit_and_mirror_for_a_loss(units, cut, scale):
    burn, reward = cut
    parameters = {"burn_bps": burn, "reward_bps": reward, "retained_bps": 10_000 - burn - reward}
    net = Decimal(units).scaleb(-scale)
    shares = dct_accrual(net, parameters, scale=scale)
    assert sum(shares.values()) == net
    unit = Decimal(1).scaleb(-scale)
    for share, amount in shares.items():
        assert abs(amount - net * parameters[f"{share}_bps"] / 10_000) < unit
        assert amount == -dct_accrual(-net, parameters, scale=scale)[share]


def test_a_net_finer_than_the_currency_is_refused():
    with pytest.raises(ValueError, match="at most 2 digits"):
        dct_accrual(Decimal("0.001"), DCT_PARAMETERS, scale=2)


@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        ("DAI", {**DAI_PARAMETERS, "base": "0"}),
        ("DAI", {**DAI_PARAMETERS, "minimum": "0"}),
        ("DAI", {**DAI_PARAMETERS, "minimum": "2"}),
        ("DAI", {**DAI_PARAMETERS, "p_unknown": "1.1"}),
        ("DAI", {**DAI_PARAMETERS, "base": 1.0}),
        ("DAI", {**DAI_PARAMETERS, "base": "NaN"}),
        ("DAI", {**DAI_PARAMETERS, "base": "one"}),
        ("DAI", {**DAI_PARAMETERS, "extra": "1"}),
        ("DAI", {"base": "1"}),
        ("DA", {**DA_PARAMETERS, "half_slippage_bps": "0"}),
        ("DA", {**DA_PARAMETERS, "half_latency_ms": "-1"}),
        ("DCT", {**DCT_PARAMETERS, "burn_bps": 2_001}),
        ("DCT", {"burn_bps": -1, "reward_bps": 5_001, "retained_bps": 5_000}),
        ("DCT", {"burn_bps": True, "reward_bps": 4_999, "retained_bps": 5_000}),
        ("XYZ", {}),
    ],
)
def test_odd_parameters_are_refused(code, parameters):
    with pytest.raises(RuleParametersInvalid):
        parameters_check(code, parameters)


@pytest.mark.parametrize(
    ("code", "parameters"),
    [("DAI", DAI_PARAMETERS), ("DA", DA_PARAMETERS), ("DCT", DCT_PARAMETERS)],
)
def test_the_presets_are_in_order(code, parameters):
    parameters_check(code, parameters)
