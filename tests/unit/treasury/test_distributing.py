"""What may be paid: never more than was earned, losses and shortfalls first, series by series."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.treasury import MOMENT, deal_revision
from treasury.rules.distributing import (
    ResultFigures,
    UnitFigures,
    distribution_draft,
    of_results,
    of_units,
    shortfall_draft,
)
from treasury.rules.drafts import draft_check
from treasury.rules.places import Place, UnitBook
from treasury.rules.posting import postings_for_ticket
from treasury.rules.units import Series

HOUSE = {"burn": 2_000, "reward": 3_000, "retained": 5_000}
INVESTOR = {"payout": 6_400, "reinvest": 1_600, "fee": 2_000}
PLACE = Place("House", "USD", 2)
BOOK = UnitBook(7, "Demo-Server", "5001", "USD", 2)


def figures(realised="0", distributed="0", shortfall="0", dust="0", open_loss="0"):
    amounts = (realised, distributed, shortfall, dust, open_loss)
    return ResultFigures(PLACE, *map(Decimal, amounts))


def sums_of(outcome) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in outcome.lines:
        sums[line.account_code] += line.amount
    return sums


def test_a_result_is_split_and_dust_waits():
    outcome = of_results(figures("100.057"), HOUSE, ["retained"])
    assert outcome.paid == Decimal("100.05")
    assert sums_of(outcome) == {
        PLACE.distributed: Decimal("100.057"),
        "Liabilities:Pool:House:Burn:USD": Decimal("-20.01"),
        "Liabilities:Pool:House:Reward:USD": Decimal("-30.01"),
        "Equity:Retained:House:Retained:USD": Decimal("-50.03"),
        PLACE.dust: Decimal("-0.007"),
    }


def test_an_open_loss_lowers_what_is_paid_and_is_paid_later_once_it_is_gone():
    first = of_results(figures("100", open_loss="-30"), HOUSE, [])
    assert first.paid == 70
    assert of_results(figures("100", distributed="70"), HOUSE, []).paid == 30


def test_a_shortfall_is_filled_before_anybody_is_paid():
    # 100 were paid, 40 of them restated away, then 55 earned.
    outcome = of_results(figures("115", distributed="60", shortfall="40"), HOUSE, [])
    assert outcome.paid == 15
    assert sums_of(outcome)[PLACE.shortfall] == -40
    assert of_results(figures("90", distributed="60", shortfall="40"), HOUSE, []).lines == []


steps = st.lists(
    st.tuples(st.sampled_from(["result", "restated", "pay"]), st.integers(-(10**7), 10**7)),
    max_size=30,
)


@settings(deadline=None)
@given(steps=steps)
def test_whatever_comes_no_more_is_paid_than_was_ever_earned_and_all_sums_to_zero(steps):
    realised = peak = paid = Decimal(0)
    kept: dict[str, Decimal] = defaultdict(Decimal)
    for what, amount in steps:
        change = Decimal(amount).scaleb(-4)
        if what == "pay":
            now = ResultFigures(
                PLACE,
                realised,
                kept[PLACE.distributed],
                kept[PLACE.shortfall],
                -kept[PLACE.dust],
                min(Decimal(0), change),
            )
            outcome = of_results(now, HOUSE, ["retained"])
            for code, moved in sums_of(outcome).items():
                kept[code] += moved
            paid += outcome.paid
            assert outcome.paid == 0 or kept[PLACE.shortfall] == 0
        else:
            realised += change
            if what == "restated" and change < 0:
                kept[PLACE.shortfall] -= change
                kept[PLACE.distributed] += change
        peak = max(peak, realised)
        assert paid <= peak
        assert sum(kept.values()) == 0
        assert 0 <= -kept[PLACE.dust] < Decimal("0.01")


def units(*series: tuple[str, str], nav: str, shortfall: str = "0") -> UnitFigures:
    listed = [Series(n, Decimal(u), Decimal(m)) for n, (u, m) in enumerate(series, start=1)]
    return UnitFigures(BOOK, Decimal(nav), listed, Decimal(shortfall))


def test_who_joins_late_pays_for_no_gain_of_others():
    """100 units since 1.00; 50 more came in at 1.20: at 1.20 only the first have earned."""
    outcome = of_units(units(("100", "1"), ("50", "1.2"), nav="180"), INVESTOR, ["reinvest"])
    assert outcome.paid == 20
    assert outcome.marks == {1: Decimal("1.2")}
    sums = sums_of(outcome)
    assert sums[BOOK.payable(1)] == Decimal("-12.80")
    assert sums[BOOK.place.pool("fee")] == Decimal("-4.00")
    assert BOOK.payable(2) not in sums
    # 16.80 leave the account: 14 units at 1.20.
    assert sums[BOOK.held_by(1)] == 14
    assert BOOK.held_by(2) not in sums


def test_below_its_mark_no_series_is_paid_and_no_fee_is_taken_twice():
    again = units(("86", "1.2"), ("50", "1.2"), nav="163.2")
    assert of_units(again, INVESTOR, ["reinvest"]).lines == []
    fallen = units(("86", "1.2"), ("50", "1.2"), nav="100")
    assert of_units(fallen, INVESTOR, ["reinvest"]).lines == []
    assert of_units(units(("10", "1"), nav="-5"), INVESTOR, ["reinvest"]).lines == []


@settings(deadline=None)
@given(
    held=st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 300)), min_size=1, max_size=5),
    value=st.integers(1, 10**9),
)
def test_one_entry_of_all_series_is_balanced_and_leaves_the_price(held, value):
    series = [(str(Decimal(u).scaleb(-6)), str(Decimal(m).scaleb(-2))) for u, m in held]
    one = units(*series, nav=str(Decimal(value).scaleb(-2)))
    if one.nav / one.units < Decimal("0.0001"):
        return
    outcome = of_units(one, INVESTOR, ["reinvest"])
    draft = distribution_draft(
        idem_key="dist:paper:2026-01:1",
        book="paper",
        event_at=MOMENT,
        source="treasury.policy_version:1",
        outcomes=[outcome],
    )
    if draft is None:
        return
    draft_check(draft)
    sums = sums_of(outcome)
    leaves = -sum(amount for code, amount in sums.items() if code.startswith(BOOK.owed))
    gone = sum(amount for code, amount in sums.items() if code.startswith("Liabilities:Units"))
    assert gone <= one.units
    if one.units > gone:
        assert (one.nav - leaves) / (one.units - gone) >= one.price - Decimal("1e-15")


def test_a_shortfall_names_the_reversal_that_made_it():
    revisions = [deal_revision(1), deal_revision(2, profit=Decimal(0), commission=Decimal(0))]
    _, drafts = postings_for_ticket(revisions)
    draft = shortfall_draft(reversal=drafts[1], place=PLACE, lost=Decimal("11.80"))
    draft_check(draft)
    assert draft.idem_key == f"short:{drafts[1].idem_key}"
