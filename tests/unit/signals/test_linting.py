"""The linter says what the intake would say, in its order and in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.dialects.registry import stored_body
from signals.intake.parsing import Unreadable, read_content
from signals.intents.intent import Intent
from signals.intents.words import intent_words
from signals.lint.judging import TITLES, Lint, LintPolicy, lint
from signals.lint.report import message_bytes, replay_bytes, report_of
from tests.factories.signals import (
    AmendFactory,
    CancelFactory,
    EntryFactory,
    ExitFactory,
    PartialExitFactory,
    TestSignalFactory,
    body_of,
)
from tests.unit.signals.dialects.reading import EXAMPLES, asked

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def _outcomes(judged: Lint) -> dict[str, str]:
    return {check.name: check.outcome for check in judged.checks}


def _entry(**members: object) -> bytes:
    return body_of(EntryFactory(at=NOW, **members))


@pytest.mark.parametrize(
    ("policy", "outcome", "rule"),
    [
        (LintPolicy(), "fail", "stop_required"),
        (LintPolicy(slug="ema-cross"), "fail", "stop_required"),
        (LintPolicy(slug="ema-cross", stop_is_required=False), "note", ""),
    ],
)
def test_an_entry_without_a_stop_is_accepted_and_said_to_be_never_ordered(
    policy, outcome, rule
) -> None:
    bare = b'{"ticker": "GBPUSD", "action": "buy"}'
    judged = lint(bare, now=NOW, policy=policy)
    assert (judged.verdict, _outcomes(judged)["stop"], judged.order_rule) == (
        "accept",
        outcome,
        rule,
    )
    report = report_of(judged)
    assert ("would not be ordered" in report.headline) == (report.rule != "") == (rule != "")
    declared = LintPolicy(defaults={"sl": {"kind": "percent", "value": "1"}})
    priced = b'{"ticker": "GBPUSD", "action": "buy", "price": 1.3}'
    assert lint(priced, now=NOW, policy=declared).order_rule == ""
    unpriced = lint(bare, now=NOW, policy=declared)
    assert (unpriced.order_rule, _outcomes(unpriced)["stop"]) == ("no_reference_price", "fail")
    in_pips = LintPolicy(defaults={"sl": {"kind": "pips", "value": "30"}})
    assert lint(bare, now=NOW, policy=in_pips).order_rule == ""
    assert lint(_entry(), now=NOW).order_rule == ""


def test_an_accepted_message_passes_every_check_that_applies() -> None:
    judged = lint(_entry(), now=NOW)
    assert (judged.verdict, judged.reason, judged.dialect) == ("accept", "", "df.signal/1")
    outcomes = _outcomes(judged)
    assert outcomes["age"] == outcomes["clock"] == outcomes["symbol"] == "pass"
    assert "fail" not in outcomes.values()
    assert "skip" not in outcomes.values()


@pytest.mark.parametrize(
    ("age_seconds", "reason"),
    [(0, ""), (120, ""), (120.001, "stale"), (-30, ""), (-30.001, "from_future")],
)
def test_an_entry_ages_by_the_bounds_of_the_intake(age_seconds: float, reason: str) -> None:
    assert lint(_entry(), now=NOW + timedelta(seconds=age_seconds)).reason == reason


def test_an_entry_expires_at_its_time_and_not_before() -> None:
    body = _entry(
        order_type="limit",
        limit_price="1.08400",
        tif="gtd",
        expires_at=int((NOW.timestamp() + 60) * 1000),
    )
    assert lint(body, now=NOW + timedelta(seconds=59.999)).reason == ""
    assert lint(body, now=NOW + timedelta(seconds=60)).reason == "expired"


def test_only_entries_age() -> None:
    lowering = (ExitFactory, PartialExitFactory, AmendFactory, CancelFactory)
    for factory in (*lowering, TestSignalFactory):
        judged = lint(body_of(factory(at=NOW)), now=NOW + timedelta(days=3))
        assert judged.verdict == "accept", factory


def test_the_exit_of_an_old_reversal_passes_and_its_entry_is_said_not_to() -> None:
    body = (
        b'{"symbol": "EURUSD", "action": "sell", "market_position": "short",'
        b' "prev_market_position": "long", "quantity": 1, "time": "2026-03-02T13:00:00Z"}'
    )
    judged = lint(body, now=NOW)
    assert judged.verdict == "accept"
    assert [leg.verb for leg in judged.intent.legs] == ["exit", "entry"]
    age = next(check for check in judged.checks if check.name == "age")
    assert age.outcome == "fail"
    assert "1\u202fh 30\u202fmin old of at most 2\u202fmin 00\u202fs. The exit passes" in age.words
    report = report_of(judged)
    assert (report.reason, report.entry_rule) == ("", "stale")
    assert report.headline == "Its exit would be accepted, its entry refused"
    assert "too old" in report.advice
    assert json.loads(json.dumps(judged.to_dict()))["reason"] is None


def test_the_report_says_what_exactly_is_wrong_beside_the_general_advice() -> None:
    report = report_of(lint(b"60123456789,buy,EURUSD,vol_lots=1,risk=1", now=NOW))
    assert report.finding == "risk and vol_lots are both sizes."
    assert report.advice == "The message names two different sizes; send one."
    late = report_of(lint(_entry(), now=NOW + timedelta(hours=2)))
    assert late.finding.startswith(
        "From 2026-03-02 14:30:00 UTC, 2\u202fh 00\u202fmin old of at most"
    )


@pytest.mark.parametrize(
    ("body", "place", "reason"),
    [
        (b"x" * 16_385, "size", "too_large"),
        (b"\xff", "text", "not_utf8"),
        (b"  ", "text", "empty_body"),
        (b'{"symbol": "EURUSD", "side": "buy", "side": "sell"}', "syntax", "duplicate_key"),
        (b'{"test": "ping"}', "dialect", "unknown_dialect"),
        (b'{"ticker": "AMD", "action": "hodl"}', "meaning", "unknown_event"),
        (b'{"symbol": "EUR USD", "side": "buy"}', "symbol", "unknown_symbol"),
    ],
)
def test_a_refusal_stands_at_the_check_that_failed(body: bytes, place: str, reason: str) -> None:
    judged = lint(body, now=NOW)
    assert (judged.verdict, judged.reason, judged.reading) == ("refuse", reason, None)
    outcomes = _outcomes(judged)
    assert [name for name, one in outcomes.items() if one == "fail"] == [place]
    after = list(outcomes)[list(outcomes).index(place) + 1 :]
    assert {outcomes[name] for name in after} == {"skip"}
    assert judged.advice


def test_a_strategy_pinned_to_other_dialects_refuses_at_the_dialect() -> None:
    judged = lint(_entry(), now=NOW, policy=LintPolicy(dialects=["traderspost"]))
    assert (judged.reason, _outcomes(judged)["dialect"]) == ("dialect_not_allowed", "fail")


def test_a_strategys_defaults_and_limits_count() -> None:
    body = b"60123456789,buy,EURUSD,sl=20,risk=1"
    bare = lint(body, now=NOW)
    declared = lint(body, now=NOW, policy=LintPolicy(defaults={"size_unit": "risk_pct"}))
    assert bare.intent.legs[0].size is None
    assert declared.intent.legs[0].size.mode == "risk_pct"
    late = NOW + timedelta(seconds=200)
    assert lint(_entry(), now=late, policy=LintPolicy(stale_seconds=300)).verdict == "accept"


def test_the_duplicate_keys_say_what_makes_two_messages_one() -> None:
    keys = dict(lint(_entry(id="my-id"), now=NOW).duplicate_keys)
    assert keys == {"same_bytes": "at any time", "same_id": "my-id"}
    bare = dict(lint(b"60123456789,buy,EURUSD,risk=1", now=NOW).duplicate_keys)
    assert bare == {"same_bytes": "within 30 s: it has no id, no time"}


def test_a_credential_is_named_only_where_it_is_blanked() -> None:
    with_one = lint(b'{"symbol": "EURUSD", "side": "buy", "secret": "hunter22"}', now=NOW)
    assert "blanked" in _words(with_one, "credential")
    assert "none" in _words(lint(_entry(), now=NOW), "credential")
    assert "hunter22" not in json.dumps(with_one.to_dict())


def _words(judged: Lint, name: str) -> str:
    return next(check.words for check in judged.checks if check.name == name)


ALL_EXAMPLES = [one for examples in EXAMPLES.values() for one in examples]


@pytest.mark.parametrize("example", ALL_EXAMPLES, ids=lambda one: one.body[:40])
def test_every_documented_example_is_judged_as_documented(example) -> None:
    judged = lint(example.body.encode(), now=NOW)
    if judged.reading is None:
        assert judged.reason == asked(example.body) == example.expected
    else:
        report = report_of(judged)
        assert report.sentences
        assert Intent.from_json(judged.intent.to_json()) == judged.intent


@pytest.mark.parametrize("example", ALL_EXAMPLES, ids=lambda one: one.body[:40])
def test_a_stored_body_replays_as_the_one_that_came(example) -> None:
    raw = example.body.encode()
    try:
        content = read_content(raw)
    except Unreadable:
        content = None
    first = lint(raw, now=NOW)
    found = [lint(one, now=NOW) for one in replay_bytes(stored_body(raw, content, []))]
    if raw.startswith(b"buy,"):  # the licence is missing, so the command was blanked in its place
        assert first.reading is None
        return
    judgements = [(one.reason, one.dialect, one.intent) for one in found]
    assert (first.reason, first.dialect, first.intent) in judgements


def test_every_kind_of_leg_has_its_words() -> None:
    messages = [
        EntryFactory(at=NOW),
        ExitFactory(at=NOW),
        PartialExitFactory(at=NOW),
        AmendFactory(at=NOW),
        CancelFactory(at=NOW),
        TestSignalFactory(at=NOW),
    ]
    said = [intent_words(lint(body_of(one), now=NOW).intent)[0] for one in messages]
    assert said == [
        "Buy OANDA:EURUSD at the market; a risk of 1 % of equity;"
        " stop at 1.0822, target at 1.0872.",
        "Close the long position in OANDA:EURUSD.",
        "Close 50 % of the long position in OANDA:EURUSD, counted from its size at the start.",
        "Change the long trade in OANDA:EURUSD: stop at 1.0842.",
        "Cancel the waiting entry in OANDA:EURUSD.",
        "A test: proves that the road is open and asks for nothing.",
    ]


def test_a_browsers_line_breaks_become_those_of_a_chart() -> None:
    assert message_bytes("a=1\r\nb=2") == b"a=1\nb=2"


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_no_bytes_break_the_linter_or_its_report(raw: bytes) -> None:
    judged = lint(raw, now=NOW)
    report = report_of(judged)
    assert report.is_accepted == (judged.reason == "")
    assert json.loads(json.dumps(judged.to_dict()))["verdict"] in ("accept", "refuse")
    assert len(report.checks) == len(TITLES)
