"""A model as a lobe, over real HTTP: what it is asked, what of an answer counts, what never."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.lobes.answers import answer_checked
from signals.lobes.base import Features, LobeAnswer, MarketSeen, Question
from signals.lobes.outside import breaker
from signals.lobes.outside.endpoint import Endpoint, Prices
from signals.lobes.outside.lobe import EPS, TRIES_MAX, ModelLobe, average
from signals.lobes.outside.replies import ReplyFault, reply_read
from signals.lobes.outside.told import framings_words
from signals.market.features import BarFeatures
from tests.llm_server import FAULTS, MODEL, LlmServer

KEY = "secret-key-of-the-desk"
MARKET = MarketSeen(
    feed="executor:7",
    symbol="EURUSD",
    timeframe_seconds=60,
    bars=60,
    first_bar_id=1,
    last_bar_id=60,
    features=BarFeatures(
        trend=Decimal("1.25"),
        momentum=Decimal("-0.5"),
        volatility=Decimal("0.9"),
        room_up=Decimal(3),
        room_down=Decimal(2),
    ),
)
QUESTION = Question(
    strategy_id=1,
    alert_id=2,
    leg_no=0,
    instrument="EURUSD",
    side="buy",
    order_type="market",
    timeframe="15",
    entry_price=Decimal("1.0842"),
    stop_price=Decimal("1.0822"),
    target_price=Decimal("1.0872"),
    prior_p=Decimal("0.58"),
    prior_strength=Decimal(400),
    known_until=datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
    features=Features(trades=4711, wins=3333, market=MARKET),
)
PRICES = Prices(read=Decimal("1.25"), cached=Decimal("0.20"), written=Decimal("2.50"))


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with LlmServer() as one:
        yield one


@pytest.fixture(autouse=True)
def behaves(server: LlmServer) -> None:
    server.mode, server.first, server.model = "fine", [], MODEL
    server.wins, server.fails = 60, 40
    server.bodies.clear()
    server.headers.clear()


def endpoint_of(server: LlmServer, **members: Any) -> Endpoint:
    told = {"name": "toy", "url": server.url, "model": MODEL, "key": KEY, "seconds_max": 5.0}
    return Endpoint(**{**told, **members})


def asked(server: LlmServer, method: str = "chance", **members: Any) -> LobeAnswer:
    """One answer, as the asker takes it; a minute is too long for any of them."""
    lobe = ModelLobe(endpoint_of(server, **members), method)

    async def call() -> LobeAnswer:
        return await asyncio.wait_for(lobe.call(QUESTION), 60)

    return answer_checked(lobe, asyncio.run(call()))


def told_of(answer: LobeAnswer) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer.response)
    return told


def test_both_framings_are_asked_averaged_and_on_record(server: LlmServer) -> None:
    server.wins, server.fails = 70, 40
    answer = asked(server)
    expected = average(0.7, 0.4)
    assert answer.status == "awake"
    assert float(answer.p or 0) == pytest.approx(expected, abs=1e-12)
    assert math.isclose(expected, 1 / (1 + math.sqrt((0.3 / 0.7) * (0.4 / 0.6))))
    assert (answer.version, answer.eps) == (f"1.chance:{MODEL}", EPS)
    told = told_of(answer)
    assert [one["chance"] for one in told["framings"]] == ["0.7", "0.4"]
    assert (told["asymmetry"], told["same_to_both"]) == ("0.1", False)
    assert {one["framing"] for one in told["framings"]} == {"wins", "fails"}
    for one in told["framings"]:
        assert one["sha256"] == hashlib.sha256(one["text"].encode()).hexdigest()
        assert (one["status"], one["tries"], one["fingerprint"]) == (200, 1, "toy")
    assert json.loads(answer.request)["bodies"] == sorted(
        server.bodies, key=lambda body: "is not reached" in body["messages"][1]["content"]
    )
    assert "70.0%, fails: 40.0%; asymmetry 10.0%" in framings_words(answer.response).replace(
        " %", "%"
    ).replace("\u202f", "").replace("\xa0", "")


def test_who_says_the_same_to_both_is_marked(server: LlmServer) -> None:
    server.wins = server.fails = 1
    answer = asked(server)
    assert (answer.p, answer.reason) == (Decimal("0.5"), "same_to_both_framings")
    assert told_of(answer)["same_to_both"] is True
    assert "the same to both" in framings_words(answer.response)


def test_a_yes_or_no_is_read_off_the_probabilities_as_a_version_of_its_own(
    server: LlmServer,
) -> None:
    answer = asked(server, "yes_no")
    assert answer.version == f"1.yes_no:{MODEL}"
    yes, no = 0.6 * 0.95, 0.4 * 0.9
    other = 0.4 * 0.95 / (0.4 * 0.95 + 0.6 * 0.9)
    assert float(answer.p or 0) == pytest.approx(average(yes / (yes + no), other), abs=1e-9)
    assert {body["max_tokens"] for body in server.bodies} == {1}


@pytest.mark.parametrize("model", [f"{MODEL}-0901", f"{MODEL}@2026-09-01", f"{MODEL}:q4"])
def test_a_release_of_the_model_is_an_expert_of_its_own(server: LlmServer, model: str) -> None:
    server.model = model
    answer = asked(server)
    assert (answer.status, answer.version) == ("awake", f"1.chance:{model}")


@pytest.mark.parametrize("model", ["toy-10", "toy", "TOY-1", f"{MODEL}-" + "9" * 30, "a b", ""])
def test_another_models_name_is_no_answer(server: LlmServer, model: str) -> None:
    server.model = model
    assert (asked(server).status, asked(server).reason) == ("failed", "another_model")


def test_a_model_may_answer_by_another_name_that_is_declared(server: LlmServer) -> None:
    server.model = "toy-v1.1-flash"
    assert asked(server, answers_as=(MODEL, "toy-v1.1-flash")).status == "awake"


@pytest.mark.parametrize("mode", [mode for mode, reason in FAULTS.items() if reason])
@pytest.mark.parametrize("method", ["chance", "yes_no"])
def test_every_fault_is_an_answer_that_sleeps_and_says_why(
    server: LlmServer, mode: str, method: str
) -> None:
    if method == "yes_no" and mode in ("nan", "zero", "one", "other_form"):
        pytest.skip("nothing is written there")
    server.mode = mode
    answer = asked(server, method)
    assert (answer.status, answer.p, answer.reason) == ("failed", None, FAULTS[mode])
    assert {one["fault"] for one in told_of(answer)["framings"]} == {FAULTS[mode]}
    assert len(answer.response) < 20_000
    assert KEY not in answer.request + answer.response


@pytest.mark.parametrize("mode", ["hang", "drip"])
def test_the_deadline_ends_what_hangs_or_drips(server: LlmServer, mode: str) -> None:
    server.mode = mode
    started = time.monotonic()
    answer = asked(server, seconds_max=0.6, prices=PRICES)
    assert time.monotonic() - started < 5
    assert (answer.status, answer.reason) == ("failed", "timed_out")
    assert answer.cost_usd > 0


def test_it_is_asked_once_more_where_that_may_help(server: LlmServer) -> None:
    server.first = ["429", "429"]
    answer = asked(server)
    assert answer.status == "awake"
    assert [one["tries"] for one in told_of(answer)["framings"]] == [2, 2]
    server.first = ["500"] * 2 * TRIES_MAX
    assert asked(server).reason == "http_500"
    server.bodies.clear()
    server.mode = "redirect"
    asked(server)
    assert len(server.bodies) == 2


def test_one_framing_alone_is_no_opinion(server: LlmServer) -> None:
    server.first = ["not_json"]
    answer = asked(server)
    assert (answer.status, answer.reason) == ("failed", "not_json")
    assert sorted(str(one["chance"]) for one in told_of(answer)["framings"])[-1] == "None"


def test_what_is_paid_is_what_the_server_counts_and_at_most_what_was_put_by(
    server: LlmServer,
) -> None:
    lobe = ModelLobe(endpoint_of(server, prices=PRICES))
    answer = asked(server, prices=PRICES)
    assert answer.cost_usd == 2 * PRICES.cost_usd(read=200, cached=0, written=10)
    assert answer.cost_usd < lobe.cost_max_usd(QUESTION)
    server.mode = "500"
    assert asked(server, prices=PRICES).cost_usd == lobe.cost_max_usd(QUESTION)
    server.mode = "429"
    assert asked(server, prices=PRICES).cost_usd == 0


def test_the_key_goes_to_the_server_and_nowhere_else(server: LlmServer) -> None:
    answer = asked(server)
    assert all(f"Bearer {KEY}" in head for head in server.headers)
    assert KEY not in answer.request + answer.response + repr(endpoint_of(server))


def test_after_five_failures_it_rests_and_then_looks_once(server: LlmServer) -> None:
    server.mode = "not_json"
    lobe = ModelLobe(endpoint_of(server))

    async def five() -> LobeAnswer:
        for _ in range(breaker.FAILURES_MAX):
            assert (await lobe.call(QUESTION)).status == "failed"
        return await lobe.call(QUESTION)

    answer = asyncio.run(five())
    assert (answer.status, answer.reason) == ("asleep", "breaker_open")
    assert len(server.bodies) == 2 * breaker.FAILURES_MAX


def test_a_breaker_lets_one_look_through_each_rest_and_closes_on_success() -> None:
    one = breaker.Breaker()
    for _ in range(breaker.FAILURES_MAX):
        assert one.lets_through(0.0)
        one.tell(is_fine=False, now=0.0)
    rest = breaker.REST_SECONDS
    assert [one.lets_through(at) for at in (1.0, rest - 1, rest, rest + 1)] == [
        False,
        False,
        True,
        False,
    ]
    one.tell(is_fine=True, now=rest + 2)
    assert one.lets_through(rest + 3)


def test_without_a_market_it_sleeps_and_costs_nothing(server: LlmServer) -> None:
    bare = replace(QUESTION, features=Features(trades=0, wins=0))
    lobe = ModelLobe(endpoint_of(server, prices=PRICES))
    answer = asyncio.run(lobe.call(bare))
    assert (answer.status, answer.reason) == ("asleep", "no_fresh_bars")
    assert lobe.cost_max_usd(bare) == 0
    assert server.bodies == []


def test_a_prompt_shows_no_other_lobes_number_and_no_name(server: LlmServer) -> None:
    asked(server)
    words = " ".join(body["messages"][1]["content"] for body in server.bodies)
    assert not re.search(r"0\.58|4711|3333|EURUSD|1\.08", words)
    assert "the target is 1.50 times as far" in words


def test_what_a_model_is_asked_stays_the_same_for_a_version(server: LlmServer) -> None:
    """A change of any word is another expert: then this digest and the version change together."""
    answer = asked(server)
    bodies = json.loads(answer.request)["bodies"]
    text = json.dumps(bodies, sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == PROMPT_1


PROMPT_1 = "f2ea1d6c3861f698b790187fa29022bb2718444b44bb39b35f840bb065aba5f9"


@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_more_than_a_fault(raw: bytes) -> None:
    endpoint = Endpoint(name="toy", url="http://127.0.0.1", model=MODEL)
    for method in ("chance", "yes_no"):
        with pytest.raises(ReplyFault):
            reply_read(endpoint, method, raw)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "logprobs", "top_logprobs", "token"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(choices=_json)
def test_no_json_makes_a_chance_that_is_none(choices: Any) -> None:
    endpoint = Endpoint(name="toy", url="http://127.0.0.1", model=MODEL)
    raw = json.dumps({"model": MODEL, "choices": choices}).encode()
    for method in ("chance", "yes_no"):
        try:
            reply = reply_read(endpoint, method, raw)
        except ReplyFault:
            continue
        assert 0 < reply.p < 1


@given(wins=st.floats(0, 1), fails=st.floats(0, 1))
def test_the_average_is_between_both_and_turns_with_them(wins: float, fails: float) -> None:
    p = average(wins, fails)
    assert float(EPS) - 1e-12 <= p <= 1 - float(EPS) + 1e-12
    assert math.isclose(p + average(fails, wins), 1, abs_tol=1e-12)
    assert average(wins, wins) == 0.5
