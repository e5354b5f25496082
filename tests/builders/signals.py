"""Strategies, received alerts and decisions, made by the real services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fusion_project.events.clock import now
from signals.fusion.states import PENDING_REVIEW
from signals.intake.parsing import Message
from signals.models import Alert, Decision, Strategy
from signals.services.asking import alert_ask
from signals.services.bars import BarFacts, bars_record
from signals.services.features import feature_record
from signals.services.fusing import decision_fuse
from signals.services.previews import preview_attach
from signals.services.receiving import Answer, RawRequest, delivery_receive
from signals.services.strategies import strategy_create, strategy_secret_issue
from tests.factories.signals import EntryFactory, ExitFactory, body_of

# A declared edge that clears cost: a fresh database trades.
TRADING_POLICY: dict[str, Any] = {
    "approval": "automatic",
    "prior_p": Decimal("0.6"),
    "prior_strength": Decimal(400),
}


@dataclass(frozen=True, slots=True)
class BuiltStrategy:
    """A strategy with its live secret."""

    strategy: Strategy
    secret: str
    path: str


def strategy_built(slug: str = "ema-cross", **policy: Any) -> BuiltStrategy:
    """A strategy that trades without review, unless `policy` says otherwise."""
    strategy = strategy_create(slug=slug, name=slug, actor="system", **{**TRADING_POLICY, **policy})
    issued = strategy_secret_issue(strategy_id=strategy.id, actor="system")
    strategy.refresh_from_db()
    return BuiltStrategy(strategy, issued.secret, issued.path)


def alert_received(
    built: BuiltStrategy, message: dict[str, Any] | bytes, *, secret: str | None = None
) -> Answer:
    """Receive one message the way the webhook does, with another secret in its path if given."""
    body = message if isinstance(message, bytes) else body_of(message)
    raw = RawRequest(
        slug=built.strategy.slug,
        secret=built.secret if secret is None else secret,
        message=Message(body),
        is_too_large=False,
        content_type="application/json",
        peer="127.0.0.1",
    )
    return delivery_receive(request=raw)


def _alert_of(answer: Answer) -> Alert:
    assert answer.status == 202, answer
    assert answer.receipt is not None
    assert answer.receipt.alert_id is not None
    return Alert.objects.get(id=answer.receipt.alert_id)


def entry_received(built: BuiltStrategy, **members: Any) -> Alert:
    """A fresh entry alert, stored and not yet decided."""
    answer = alert_received(built, EntryFactory(at=now(), **members))
    return _alert_of(answer)


def exit_received(built: BuiltStrategy, trade_id: str, **members: Any) -> Alert:
    """An exit alert of the trade."""
    answer = alert_received(built, ExitFactory(at=now(), trade_id=trade_id, **members))
    return _alert_of(answer)


def entry_decided(built: BuiltStrategy, **members: Any) -> Decision:
    """An entry alert that fusion has decided on; its state depends on the policy."""
    alert = entry_received(built, **members)
    entry_fuse(alert)
    return Decision.objects.get(alert=alert)


def entry_fuse(alert: Alert) -> None:
    """Let fusion decide on the alert's entries, and a later app say what would be ordered."""
    for one in alert_ask(alert_id=alert.id):
        if decision_fuse(decision_id=one.decision_id, opinions=one.opinions) == PENDING_REVIEW:
            preview_attach(decision_id=one.decision_id, content={"accounts": {}})


def results_record(built: BuiltStrategy, *, wins: int, losses: int) -> None:
    """So many closed trades of it, whose entries nobody can find."""
    start = Decision.objects.count() * 1000
    for number in range(wins + losses):
        feature_record(
            key=f"trade:{start + number}:1",
            name="trade.result_r",
            strategy_id=built.strategy.id,
            instrument="EURUSD",
            at=now(),
            value=Decimal(1 if number < wins else -1),
            trace_id="",
        )


# A strategy whose bars an executor tells, a minute each.
FEED: dict[str, Any] = {"feed": "executor:7", "symbol": "EURUSD", "timeframe_seconds": 60}
FED: dict[str, Any] = {"feeds": {"EURUSD": [FEED]}}


def bar_told(*, high: str, low: str) -> None:
    """The bar of the last minute, of that feed."""
    price, opened = Decimal("1.0842"), now() - timedelta(minutes=1)
    bar = BarFacts(open_at=opened, open=price, high=Decimal(high), low=Decimal(low), close=price)
    bars_record(feed="executor:7", symbol="EURUSD", timeframe_seconds=60, bars=[bar])


def market_told(bars: int = 60) -> None:
    """The last bars of that feed, which rise and fall; the newest one closes now."""
    first = now() - timedelta(minutes=bars)
    price = Decimal("1.0842")
    facts = []
    for number in range(bars):
        swing = Decimal(number % 7 - 3) / 10_000
        facts.append(
            BarFacts(
                open_at=first + timedelta(minutes=number),
                open=price,
                high=price + Decimal("0.0004"),
                low=price - Decimal("0.0004"),
                close=price + swing,
            )
        )
    bars_record(feed="executor:7", symbol="EURUSD", timeframe_seconds=60, bars=facts)
