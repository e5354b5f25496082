"""The judgement of an entry: each rule alone, and what holds of all of them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.risk import rules
from execution.risk.bounded import COUNTS, MARKET, MONEY, TIMES
from execution.risk.facts import Netting, SymbolFacts
from execution.risk.figures import Desk
from execution.risk.limits import LIMITS, Breach
from execution.risk.planning import entry_prices, entry_size
from execution.risk.reasons import ADVICE
from execution.risk.rules import ENTRY_RULES, EntryRule, Judgement, Moment, judge
from execution.risk.stops import STOP_REASONS
from execution.rules.sizing import Room, RoomBound
from execution.rules.terms import SymbolTerms
from signals.intents.legs import Size, Target
from tests.builders.entries import AT, EURUSD, facts_made, figure, leg_made, quoted

FULL = Room(Decimal(10_000), Decimal(10), Decimal("0.009"))
POOR = Room(None, Decimal(10), Decimal(50))
UNCONFIRMED = replace(EURUSD, is_confirmed=False)


def bounded(reason: str, per: str, left: str) -> Room:
    """A room in which one bound leaves too little for the least lot."""
    bound = RoomBound(reason, per, Decimal(left), f"{reason}: words")
    return Room(Decimal(10_000), Decimal(10), Decimal(50), (bound,))


def with_terms(**terms) -> SymbolFacts:
    """EURUSD of a broker that lets it do only so much."""
    return replace(EURUSD, terms=SymbolTerms(**terms))


REFUSED = [
    ("account_stopped", {"stopped_by": "account_stopped"}),
    ("executor_silent", {"executor_is_silent": True}),
    ("made_for_paper", {"env": "paper"}),
    ("provenance_too_low", {"grade": "C"}),
    ("provenance_too_low", {"grade": "B", "live_grade_min": "A"}),
    ("stop_required", {"leg": leg_made(sl=None)}),
    ("stop_required", {"leg": leg_made(sl=None, size=Size("lots", Decimal("0.10")))}),
    ("stop_required", {"leg": leg_made(sl=Target("remove"))}),
    ("too_late", {"valid_until": AT}),
    ("trade_already_closed", {"is_trade_closed": True}),
    ("limits_missing", {"limits_missing": ("leverage_max",)}),
    ("entry_rate_limit", {"figures": (figure("entries_per_minute_max", "61", "60"),)}),
    ("reject_rate_limit", {"figures": (figure("rejects_per_minute_max", "4", "3"),)}),
    ("open_positions_limit", {"figures": (figure("open_positions_max", "11", "10"),)}),
    ("cooling_off", {"figures": (figure("cool_off_seconds_min", "59", "60"),)}),
    ("same_order_again", {"figures": (figure("same_order_seconds_min", "4", "5"),)}),
    ("daily_loss_limit", {"figures": (figure("daily_loss_pct_max", "3.01", "3"),)}),
    ("drawdown_limit", {"figures": (figure("drawdown_pct_max", "10.1", "10"),)}),
    ("margin_limit", {"figures": (figure("margin_level_pct_min", "199", "200"),)}),
    ("equity_too_old", {"figures": (figure("equity_age_seconds_max", "121", "120"),)}),
    ("outside_session", {"figures": (figure("session_from_minute_min", "419", "420"),)}),
    ("outside_session", {"figures": (figure("session_until_minute_max", "1321", "1320"),)}),
    ("weekend_near", {"figures": (figure("weekend_minutes_min", "59", "60"),)}),
    ("limit_not_measured", {"figures": (figure("drawdown_pct_max", None, "10"),)}),
    ("symbol_not_mapped", {"symbol": None}),
    ("symbol_not_confirmed", {"symbol": UNCONFIRMED}),
    ("symbol_not_confirmed", {"symbol": replace(UNCONFIRMED, sheet=None)}),
    ("no_contract_sheet", {"symbol": replace(EURUSD, sheet=None)}),
    ("no_contract_sheet", {"symbol": replace(EURUSD, scale=None)}),
    ("equity_in_doubt", {"doubts": (Breach("equity_in_doubt", "equity: 1, bound 2"),)}),
    ("sheet_in_doubt", {"doubts": (Breach("sheet_in_doubt", "tick: 1, bound 2"),)}),
    ("no_quote", {"quote_is_needed": True}),
    ("netting_in_use", {"netting": Netting(is_of_others=True)}),
    ("netting_widens_stop", {"netting": Netting(stop=Decimal("1.09501"))}),
    (
        "netting_widens_stop",
        {
            "netting": Netting(stop=Decimal("1.09")),
            "stop_is_required": False,
            "leg": leg_made(sl=None),
        },
    ),
    ("quote_too_old", {"figures": (figure("quote_age_seconds_max", "61", "60"),)}),
    ("price_too_far", {"figures": (figure("price_drift_bps_max", "5283", "200"),)}),
    ("spread_too_wide", {"figures": (figure("spread_bps_max", "6", "5"),)}),
    ("stop_kind_unknown", {"leg": leg_made(sl=Target("moons", Decimal(1)))}),
    (
        "no_reference_price",
        {"leg": leg_made(sl=Target("percent", Decimal(1))), "ref_price": None},
    ),
    (
        "no_reference_price",
        {
            "leg": leg_made(sl=Target("pips", Decimal(20)), tp=Target("percent", Decimal(1))),
            "ref_price": None,
        },
    ),
    (
        "no_reference_price",
        {
            "leg": leg_made(sl=Target("pips", Decimal(20)), size=Size("notional", Decimal(9))),
            "ref_price": None,
        },
    ),
    ("no_reference_price", {"ref_price": None}),
    ("stop_below_zero", {"leg": leg_made(sl=Target("pips", Decimal(50_000)))}),
    ("stop_below_zero", {"leg": leg_made(sl=Target("price", Decimal("0.000001")))}),
    ("stop_on_wrong_side", {"leg": leg_made(sl=Target("price", Decimal("1.2")))}),
    ("stop_on_wrong_side", {"side": "sell"}),
    (
        "risk_size_without_stop",
        {
            "stop_is_required": False,
            "leg": leg_made(sl=None, size=Size("risk_pct", Decimal(1))),
        },
    ),
    ("equity_unknown", {"room": POOR}),
    ("size_mode_unknown", {"leg": leg_made(size=Size("moons", Decimal(1)))}),
    ("below_lot_min", {"leg": leg_made(size=Size("lots", Decimal("0.004")))}),
    ("exposure_limit", {"room": FULL}),
    ("order_notional_limit", {"room": bounded("order_notional_limit", "notional", "1099")}),
    ("leverage_limit", {"room": bounded("leverage_limit", "notional", "-1")}),
    ("open_risk_limit", {"room": bounded("open_risk_limit", "risk", "4.99")}),
    ("no_money", {"room": bounded("no_money", "notional", "0")}),
    ("broker_volume_limit", {"room": bounded("broker_volume_limit", "lots", "0")}),
    ("trade_disabled", {"symbol": with_terms(trade_mode="disabled")}),
    ("only_short", {"symbol": with_terms(trade_mode="shortonly")}),
    ("only_close", {"symbol": with_terms(trade_mode="closeonly")}),
    ("order_type_refused", {"symbol": with_terms(order_modes=frozenset({"limit"}))}),
    (
        "filling_refused",
        {"symbol": with_terms(filling_modes=frozenset({"ioc"})), "leg": leg_made(tif="fok")},
    ),
    ("market_closed", {"symbol": with_terms(sessions=[])}),
    (
        "stop_too_near",
        {"symbol": with_terms(stops_level_points=501), "desk": quoted("1.10000", "1.10000")},
    ),
]
PASSED = [
    {},
    {"valid_until": None},
    {"valid_until": AT + timedelta(microseconds=1)},
    {"stop_is_required": False, "leg": leg_made(sl=None)},
    {"leg": leg_made(sl=Target("pips", Decimal(20))), "ref_price": None},
    {"env": ""},
    {"grade": ""},
    {"grade": "B"},
    {"book": "paper", "env": "paper", "grade": "D"},
    {"figures": (figure("entries_per_minute_max", "60", "60"),)},
    {"figures": (figure("cool_off_seconds_min", "60", "60"),)},
    {"figures": (figure("drawdown_pct_max", None, "10"),), "book": "paper"},
    {"desk": quoted("1.10000", "1.10000"), "quote_is_needed": True},
    {"symbol": with_terms(trade_mode="longonly")},
    {"symbol": with_terms(stops_level_points=500), "desk": quoted("1.10000", "1.10000")},
    {"is_flat": False},
]


@pytest.mark.parametrize("moment", [Moment.PREVIEW, Moment.STAGING])
@pytest.mark.parametrize(("reason", "fields"), REFUSED)
def test_what_no_order_may_come_of_is_refused_before_there_is_one(reason, fields, moment) -> None:
    assert judge(facts_made(**fields), moment) == Judgement(refusal=reason)


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("fields", PASSED)
def test_what_may_go_passes_at_every_moment(fields, moment) -> None:
    assert judge(facts_made(**fields), moment).may_go


@pytest.mark.parametrize("moment", [Moment.CLAIM, Moment.PERMIT])
@pytest.mark.parametrize(("reason", "fields"), REFUSED)
def test_of_an_order_that_is_there_the_switches_its_time_the_market_and_the_losses_are_asked(
    reason, fields, moment
) -> None:
    is_asked = reason in (
        "account_stopped",
        "stop_required",
        "too_late",
        *MONEY.reasons,
        *TIMES.reasons,
        *MARKET.reasons,
        "no_quote",
        "equity_in_doubt",
        "sheet_in_doubt",
        "netting_in_use",
    )
    assert judge(facts_made(**fields), moment).refusal == (reason if is_asked else "")


@pytest.mark.parametrize(("reason", "fields"), REFUSED)
def test_the_answer_of_the_webhook_knows_the_account_and_the_symbol_alone(reason, fields) -> None:
    known = reason == "account_stopped" or reason.startswith("symbol_not_")
    is_asked = known or reason == "no_contract_sheet"
    assert judge(facts_made(**fields), Moment.ANSWER).refusal == (reason if is_asked else "")


def test_a_reversal_waits_at_its_claim_until_flat_and_is_staged_before() -> None:
    facts = facts_made(waits_for_flat=True, is_flat=False)
    waiting = Judgement(wait="waits_for_flat")
    judged = {one: judge(facts, one) for one in Moment}
    assert {one for one in judged if judged[one] == waiting} == {Moment.PREVIEW, Moment.CLAIM}
    assert {judged[one] for one in Moment} == {waiting, Judgement()}
    assert judge(replace(facts, is_flat=True), Moment.CLAIM).may_go


def test_the_first_rule_that_refuses_is_the_one_that_is_told() -> None:
    facts = facts_made(stopped_by="account_stopped", executor_is_silent=True, symbol=None)
    assert judge(facts, Moment.STAGING).refusal == "account_stopped"
    both = facts_made(waits_for_flat=True, is_flat=False, stopped_by="account_stopped")
    assert judge(both, Moment.CLAIM) == Judgement(refusal="account_stopped")


def test_a_refusal_counts_behind_a_rule_that_makes_wait(monkeypatch) -> None:
    moments = frozenset(Moment)
    waits = EntryRule(("first_waits",), moments, lambda _: "first_waits", makes_wait=True)
    refuses = EntryRule(("then_refused",), moments, lambda _: "then_refused")
    monkeypatch.setattr(rules, "ENTRY_RULES", (waits, refuses))
    assert judge(facts_made(), Moment.CLAIM) == Judgement(refusal="then_refused")
    monkeypatch.setattr(rules, "ENTRY_RULES", (waits, replace(waits, judge=lambda _: "second")))
    assert judge(facts_made(), Moment.CLAIM) == Judgement(wait="first_waits")


def test_the_preview_does_not_ask_what_was_shown_and_staging_does() -> None:
    facts = facts_made(is_shown=False)
    assert judge(facts, Moment.PREVIEW).may_go
    assert judge(facts, Moment.STAGING).refusal == "account_not_shown"


def test_a_refusal_by_a_limit_names_limit_value_and_bound() -> None:
    facts = facts_made(figures=(figure("daily_loss_pct_max", "3.5", "3"),))
    words = judge(facts, Moment.STAGING).words
    assert words == "daily_loss_pct_max: 3.5, bound 3 (account)"
    cut = facts_made(room=bounded("leverage_limit", "notional", "-1"))
    assert judge(cut, Moment.STAGING).words == "leverage_limit: words"


def test_every_limit_is_asked_by_a_rule_or_cuts_a_size() -> None:
    asked = {name for rules in (COUNTS, MONEY, TIMES, MARKET) for name in rules.reason_of}
    cut = {"order_lots_max", "open_lots_max", "order_notional_max", "leverage_max"}
    assert set(LIMITS) == asked | cut | {"open_risk_pct_max", "losses_in_row_max"}


def test_the_told_price_of_a_half_is_sized_by_the_market_or_refused() -> None:
    """The alert said 0.5 with a stop at 0.49 while the market was at 1.06."""
    told = {"ref_price": Decimal("0.5"), "leg": leg_made(sl=Target("price", Decimal("0.49")))}
    believed = entry_size(facts_made(**told))
    assert believed.risk_money <= 50
    desk = quoted("1.05990", "1.06000")
    sized = entry_size(facts_made(**told, desk=desk))
    assert sized.reason == "below_lot_min" or sized.lots * 57_000 <= 50


def test_every_reason_of_a_rule_has_its_advice() -> None:
    assert {reason for rule in ENTRY_RULES for reason in rule.reasons} <= set(ADVICE)
    assert {reason for reason, _ in REFUSED} <= set(ADVICE)


def test_a_rule_is_asked_somewhere_and_staging_never_waits() -> None:
    for rule in ENTRY_RULES:
        assert rule.moments, rule
        assert not (rule.makes_wait and Moment.STAGING in rule.moments), rule


prices = st.none() | st.decimals(min_value="0.5", max_value="2", places=5)
targets = st.none() | st.builds(
    Target,
    st.sampled_from(["price", "points", "pips", "percent", "remove", "moons"]),
    st.decimals(min_value="0.00001", max_value="100000", places=5),
)
sizes = st.none() | st.builds(
    Size,
    st.sampled_from(["lots", "qty", "notional", "equity_pct", "risk_pct", "moons"]),
    st.decimals(min_value="0.001", max_value="1000", places=3),
)
FACTS = st.fixed_dictionaries(
    {
        "stopped_by": st.sampled_from(["", "", "", *STOP_REASONS]),
        "executor_is_silent": st.sampled_from([False, False, False, True]),
        "valid_until": st.sampled_from([None, AT, AT + timedelta(seconds=1)]),
        "side": st.sampled_from(["buy", "sell"]),
        "stop_is_required": st.booleans(),
        "leg": st.builds(leg_made, sl=targets, tp=targets, size=sizes),
        "ref_price": prices,
        "grade": st.sampled_from(["", "A", "B", "C", "D"]),
        "env": st.sampled_from(["", "live", "paper"]),
        "book": st.sampled_from(["live", "paper", "paper"]),
        "symbol": st.sampled_from([EURUSD, EURUSD, EURUSD, UNCONFIRMED, None]),
        "room": st.sampled_from([Room(Decimal(10_000), Decimal(10), Decimal(50)), FULL, POOR]),
        "waits_for_flat": st.booleans(),
        "is_flat": st.booleans(),
        "is_trade_closed": st.sampled_from([False, False, False, True]),
        "figures": st.lists(
            st.sampled_from(
                [
                    figure("entries_per_minute_max", "61", "60"),
                    figure("drawdown_pct_max", "5", "10"),
                    figure("price_drift_bps_max", "20", "200"),
                    figure("quote_age_seconds_max", None, "60"),
                ]
            ),
            max_size=3,
        ).map(tuple),
        "desk": st.sampled_from(
            [Desk(at=AT), quoted("1.09990", "1.10010"), quoted("0.7", "0.70005", age=3)]
        ),
        "quote_is_needed": st.booleans(),
    }
)


@settings(deadline=None)
@given(fields=FACTS)
def test_the_preview_foretells_what_staging_does(fields) -> None:
    facts = facts_made(**fields)
    assert judge(facts, Moment.PREVIEW).refusal == judge(facts, Moment.STAGING).refusal


@settings(deadline=None)
@given(fields=FACTS)
def test_a_rule_gives_only_reasons_that_it_names(fields) -> None:
    facts = facts_made(**fields)
    for rule in ENTRY_RULES:
        found = rule.judge(facts)
        reason = found.reason if isinstance(found, Breach) else found
        assert reason == "" or reason in rule.reasons
        if reason and not rule.makes_wait:
            break


@settings(deadline=None)
@given(fields=FACTS)
def test_what_staging_lets_pass_has_its_prices_in_order_and_lots_within_the_room(fields) -> None:
    facts = facts_made(**fields)
    if judge(facts, Moment.STAGING).refusal:
        return
    prices, size = entry_prices(facts), entry_size(facts)
    ladder = [one for one in (prices.sl, prices.base, prices.tp) if one is not None]
    assert ladder == sorted(ladder, reverse=facts.side == "sell")
    assert 0 < size.lots <= min(facts.room.open_lots_left, facts.room.order_lots_max)
    assert size.reason == ""
    has_stop = prices.sl is not None or prices.sl_distance is not None
    assert has_stop or not facts.stop_is_required
    # Wherever there is a stop, the loss at it is known and within what the policy allows.
    assert (size.risk_money is None) == (not has_stop)
    if size.risk_money is not None:
        allowed = facts.room.equity * facts.risk_bps / 10_000 * facts.size_factor
        assert size.risk_money <= allowed
