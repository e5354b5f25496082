"""Models are asked for real over HTTP: faults, caps, sleepers, late answers; nothing waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from fusion_project.events.models import Event
from signals.errors import PolicyInvalid
from signals.lobes.base import CallingLobe, LobeAnswer
from signals.lobes.outside.endpoint import Endpoint, Prices
from signals.lobes.outside.lobe import ModelLobe
from signals.models import Alert, Decision, LobeSpend
from signals.selectors.lobes_asked import late_loss, spent_today
from signals.selectors.questions import asking_list
from signals.services.asking import opinion_store
from signals.services.calling import HARD_SECONDS, SOFT_SECONDS
from signals.services.labels import labels_write
from signals.services.strategies import strategy_policy_change
from tests.builders.calling import served_until
from tests.builders.signals import (
    FED,
    BuiltStrategy,
    bar_told,
    entry_received,
    market_told,
    strategy_built,
)
from tests.integration.signals.conftest import NOON
from tests.llm_server import FAULTS, MODEL, LlmServer

pytestmark = pytest.mark.usefixtures("committed_db")

PRICES = Prices(read=Decimal("1.25"), cached=Decimal("0.20"), written=Decimal("2.50"))
PAID = 2 * PRICES.cost_usd(read=200, cached=0, written=10)


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as one:
        yield one


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`use(lobe, ...)`: these call out from now on."""

    def put(*lobes: CallingLobe) -> None:
        for place in ("services.asking", "services.models_asked", "management.commands.lobes"):
            monkeypatch.setattr(f"signals.{place}.CALLING_LOBES", lobes)
        names = frozenset(one.name for one in lobes)
        monkeypatch.setattr("signals.services.fusing._CALLING_OUT", names)

    return put


@pytest.fixture
def fed(clock: Any) -> BuiltStrategy:
    """A strategy whose market is known."""
    market_told()
    return strategy_built(**FED, entries_per_minute_max=1_000, horizon_seconds=600)


def lobe_at(server: LlmServer, name: str = "toy", **members: Any) -> ModelLobe:
    told = {"name": name, "url": server.url, "model": MODEL, "daily_usd_max": Decimal(1)}
    return ModelLobe(Endpoint(**{**told, **members}))


def waiting(built: BuiltStrategy, run_handlers: Any) -> Alert:
    """An entry that waits for the lobes that call out, if there are any."""
    alert = entry_received(built)
    run_handlers.only("signals.fuse_alert")
    return alert


def is_decided(*alerts: Alert) -> bool:
    return not Decision.objects.filter(alert__in=alerts, state="proposed").exists()


def told(alert: Alert, name: str = "toy") -> bool:
    return alert.opinions.filter(lobe=name).exists()


def test_a_model_s_opinion_is_stored_whole_and_stands_in_the_decision(
    server: LlmServer, use: Any, fed: BuiltStrategy, run_handlers: Any
) -> None:
    server.wins, server.fails, server.model = 70, 30, f"{MODEL}-0901"
    use(lobe_at(server, prices=PRICES))
    alert = waiting(fed, run_handlers)
    served_until(lambda: is_decided(alert), soft=30, hard=30)
    opinion = alert.opinions.get(lobe="toy")
    assert (opinion.status, opinion.p) == ("awake", Decimal("0.7"))
    assert opinion.lobe_version == f"1.chance:{MODEL}-0901"
    record = json.loads(alert.decisions.get().inputs or "")
    [answer] = [one for one in record["context"]["answers"] if one["lobe"] == "toy"]
    assert (answer["response"], answer["request"]) == (opinion.response, opinion.request)
    [heard] = [one for one in record["inputs"]["opinions"] if one["lobe"] == "toy"]
    assert (heard["status"], heard["calls_out"]) == ("awake", True)
    assert opinion.cost_usd == PAID == spent_today("toy", opinion.created_at)
    [event] = Event.objects.filter(name="opinion.received", detail__contains='"lobe":"toy"')
    assert json.loads(event.detail)["p"] == "0.7"


def test_what_a_day_may_cost_is_put_by_first_and_never_passed(
    server: LlmServer, use: Any, fed: BuiltStrategy, run_handlers: Any
) -> None:
    lobe = lobe_at(server, prices=PRICES)
    use(lobe)
    first = waiting(fed, run_handlers)
    served_until(lambda: told(first), soft=30, hard=30)
    lobe.daily_usd_max = PAID
    second = waiting(fed, run_handlers)
    served_until(lambda: is_decided(second), soft=30, hard=30)
    asleep = second.opinions.get(lobe="toy")
    assert (asleep.status, asleep.reason) == ("asleep", "spend_cap_reached")
    assert LobeSpend.objects.get().usd == PAID
    assert len(server.bodies) == 2


def test_what_was_said_before_the_process_died_is_not_asked_and_paid_again(
    server: LlmServer, use: Any, fed: BuiltStrategy, run_handlers: Any
) -> None:
    use(lobe_at(server, prices=PRICES))
    alert = waiting(fed, run_handlers)
    [asking] = asking_list(alert_id=alert.id)
    version = f"1.chance:{MODEL}-0901"
    said = LobeAnswer(lobe="toy", version=version, status="awake", p=Decimal("0.7"))
    opinion_store(asking.question, said, 900)
    served_until(lambda: is_decided(alert), soft=30, hard=30)
    assert server.bodies == []
    assert not LobeSpend.objects.exists()
    assert version in (alert.decisions.get().inputs or "")


def test_without_a_key_a_lobe_sleeps_and_says_so(
    server: LlmServer, use: Any, run_handlers: Any
) -> None:
    use(lobe_at(server, "grok", why_asleep="no_key"))
    alert = waiting(strategy_built(lobes=["base_rate", "grok"]), run_handlers)
    assert is_decided(alert)
    asleep = alert.opinions.get(lobe="grok")
    assert (asleep.status, asleep.reason) == ("asleep", "no_key")
    assert '"reason":"no_key"' in (alert.decisions.get().inputs or "")
    out = StringIO()
    call_command("lobes", "--status", stdout=out)
    assert "asleep: no_key" in out.getvalue()
    unasked = waiting(strategy_built("unasked"), run_handlers)
    assert not told(unasked, "grok")
    assert server.bodies == []


def test_a_quorum_does_not_count_on_who_has_no_key(server: LlmServer, use: Any) -> None:
    use(lobe_at(server, "grok", why_asleep="no_key"))
    strategy = strategy_built().strategy
    with pytest.raises(PolicyInvalid, match=r"can never be met: 1 lobes.*grok"):
        strategy_policy_change(
            strategy_id=strategy.id, actor="system", lobes=["base_rate", "grok"], quorum=2
        )


@pytest.mark.parametrize("mode", sorted(FAULTS))
def test_each_fault_is_recorded_and_the_entry_decided(
    server: LlmServer, use: Any, fed: BuiltStrategy, run_handlers: Any, mode: str
) -> None:
    server.mode = mode
    use(lobe_at(server))
    alert = waiting(fed, run_handlers)
    # One that answers at all is waited for, however slow the machine is.
    soft = 0.5 if FAULTS[mode] is None else 40
    served_until(lambda: is_decided(alert), soft=soft, hard=soft)
    decision = alert.decisions.get()
    assert decision.state == "approved"
    reason = FAULTS[mode] or "no_answer_in_time"
    assert f'"reason":"{reason}"' in (decision.inputs or "")


def test_a_late_answer_is_kept_to_be_scored_and_decides_nothing(
    server: LlmServer, use: Any, run_handlers: Any, clock: Any
) -> None:
    clock.set(NOON)
    market_told()
    lobe, fed = lobe_at(server), strategy_built(**FED, horizon_seconds=600)
    use(lobe)
    clock.set(NOON + timedelta(seconds=59))
    server.mode, server.wins, server.fails = "held", 80, 20
    alert = waiting(fed, run_handlers)
    stood: list[str | None] = []

    def late() -> bool:
        if is_decided(alert):
            server.mode = "fine"
            stood.append(alert.decisions.get().inputs)
        return told(alert)

    served_until(late, soft=0.2, hard=0.2)
    opinion = alert.opinions.get(lobe="toy")
    assert (opinion.status, opinion.p) == ("late", Decimal("0.8"))
    decision = alert.decisions.get()
    assert set(stood) == {decision.inputs}
    assert '"reason":"no_answer_in_time"' in (decision.inputs or "")
    for minute, high in ((1, "1.0843"), (2, "1.0873")):
        clock.set(NOON + timedelta(minutes=minute))
        bar_told(high=high, low="1.0841")
    assert labels_write() == 1
    found = late_loss(lobe)
    assert found is not None
    assert found[0] == 1
    assert found[1] == pytest.approx(0.2231, abs=1e-4)
    out = StringIO()
    call_command("lobes", "--status", stdout=out)
    assert "late ones with an outcome: 1, log loss 0.223" in out.getvalue()


@pytest.mark.long
def test_one_alert_under_each_fault_is_decided_in_twelve_seconds_with_its_reason(
    use: Any, run_handlers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once, each of a strategy that asks a server of its own, by the true deadlines."""
    names = {mode: f"toy_{mode}" for mode in FAULTS}
    known = ("base_rate", *names.values())
    monkeypatch.setattr("signals.services.policy_rules.LOBE_NAMES", known)
    market_told()
    with ExitStack() as stack:
        servers = {mode: stack.enter_context(LlmServer(mode)) for mode in FAULTS}
        use(*(lobe_at(one, names[mode]) for mode, one in servers.items()))
        alerts = {
            mode: entry_received(
                strategy_built(mode.replace("_", "-"), **FED, lobes=["base_rate", name])
            )
            for mode, name in names.items()
        }
        run_handlers.only("signals.fuse_alert")
        served_until(lambda: is_decided(*alerts.values()), soft=SOFT_SECONDS, hard=HARD_SECONDS)
    for mode, alert in alerts.items():
        decision = alert.decisions.get()
        assert decision.decided_at is not None
        assert (decision.decided_at - alert.received_at).total_seconds() < 12, mode
        reason = FAULTS[mode] or "no_answer_in_time"
        assert f'"reason":"{reason}"' in (decision.inputs or ""), mode
