"""Servers and programs of different ages: each tells the other no more than it reads."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from execution import answers
from execution.models import Report, Terminal
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


@pytest.fixture
def _asks_for_no_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes came with minor 2: a server from before knows no entry that waits for one."""
    monkeypatch.setattr("execution.selectors.quotes.QUOTES_SINCE_MINOR", 1_000)


def _limit_filled(bench: Bench) -> None:
    """At a named price: without quotes the server knows none for an order at the market."""
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000")
    bench.until(lambda: bench.state(order) == "working")
    bench.price("1.09480")
    bench.filled(order)


@pytest.mark.usefixtures("_asks_for_no_quotes")
def test_a_server_of_minor_1_is_told_no_member_of_minor_2(
    bench_make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("execution.answers.API_MINOR", 1)
    bench = bench_make()
    bench.seconds(WARM_UP)
    _limit_filled(bench)
    bench.seconds(WARM_UP)
    assert Terminal.objects.get(account=bench.desk.account).positions is None
    assert not any('"sl"' in one.raw for one in Report.objects.filter(kind="deal"))
    bench.check()


@pytest.mark.usefixtures("_asks_for_no_quotes")
def test_a_server_of_minor_0_is_served_too(
    bench_make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells of no minor at all."""
    whole = answers.hello_answer

    def old(*given: Any, **named: Any) -> Any:
        return msgspec.structs.replace(whole(*given, **named), api_minor=0)

    monkeypatch.setattr("execution.api.answers.hello_answer", old)
    bench = bench_make()
    bench.seconds(WARM_UP)
    _limit_filled(bench)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing)
    bench.seconds(WARM_UP)
    assert Terminal.objects.get(account=bench.desk.account).positions is None
    bench.check()


def test_a_newer_server_tells_more_and_is_understood(
    bench_make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members that came later are ignored; its own minor is not feared."""
    whole = answers.hello_answer

    def newer(*given: Any, **named: Any) -> Any:
        return msgspec.structs.replace(whole(*given, **named), api_minor=7)

    monkeypatch.setattr("execution.api.answers.hello_answer", newer)
    bench = bench_make()
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.end()


def test_an_order_for_a_later_minor_waits_and_expires(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server hands it to nobody who cannot read it whole."""
    with monkeypatch.context() as patch:
        patch.setattr("execution.services.staging.needs_minor", lambda terms: 5)
        entry = bench.stage(valid_seconds=20)
    bench.until(lambda: bench.state(entry) == "expired", 60)
    assert bench.truth().positions == []
    assert bench.told(entry) == []
    bench.end()
