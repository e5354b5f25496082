"""What bounds a desk: limits, quotes, heartbeats, and the marks that come of them."""

from decimal import Decimal
from typing import Any

from django.db.models import Max

from execution.models import BrokerAccount, Deal, Quote, RiskLimit, SymbolMap
from execution.risk.limits import LIVE_REQUIRED, Scope
from execution.services.doubts import equity_told
from execution.services.limit_requests import LIMITS_RAISE
from execution.services.limits import LimitScope, limits_set
from fusion_project.events.clock import now
from signals.models import Decision
from signals.services.previews import preview_attach
from tests.builders.execution import Desk, account_set
from tests.builders.second_person import request_confirmed

_GENEROUS = {
    "order_lots_max": Decimal(10),
    "open_lots_max": Decimal(50),
    "leverage_max": Decimal(30),
    "open_risk_pct_max": Decimal(10),
    "entries_per_minute_max": Decimal(60),
    "daily_loss_pct_max": Decimal(5),
    "drawdown_pct_max": Decimal(20),
    "same_order_seconds_min": Decimal(0),
}


def shown_to(account: BrokerAccount, decision: Decision, lots: Decimal) -> None:
    """Keep a preview that lets this account order so much of the decision."""
    content = {"accounts": {str(account.id): {"lots": lots}}}
    preview_attach(decision_id=decision.id, content=content)


def limits_of(of: LimitScope, **values: Any) -> list[RiskLimit]:
    """Set limits in the name of two people."""
    told = {name: None if one is None else Decimal(one) for name, one in values.items()}
    request = request_confirmed(LIMITS_RAISE)
    return limits_set(of=of, values=told, actor="user:1", confirmed_request=request)


def limit_set(desk: Desk, *, scope: Scope = Scope.ACCOUNT, **values: Any) -> list[RiskLimit]:
    """Set limits of the desk's account, or of its strategy, of EURUSD or of all."""
    of = {
        Scope.ALL: LimitScope(Scope.ALL),
        Scope.ACCOUNT: LimitScope(Scope.ACCOUNT, account_id=desk.account.id),
        Scope.STRATEGY: LimitScope(Scope.STRATEGY, strategy_id=desk.strategy.id),
        Scope.INSTRUMENT: LimitScope(Scope.INSTRUMENT, instrument="EURUSD"),
    }[scope]
    return limits_of(of, **values)


def quote_tell(
    account: BrokerAccount, bid: str, ask: str, *, instrument: str = "EURUSD", **fields: Any
) -> None:
    """The executor's newest quote of an instrument."""
    moment = now()
    Quote.objects.update_or_create(
        symbol_map=SymbolMap.objects.get(account=account, instrument=instrument),
        defaults={
            "bid": Decimal(bid),
            "ask": Decimal(ask),
            "quoted_at": moment,
            "heard_at": moment,
            **fields,
        },
    )


def heartbeat_tell(account: BrokerAccount, equity: str | int, **facts: Any) -> None:
    """A heartbeat that has seen every deal which is known here."""
    last = Deal.objects.filter(account=account).aggregate(at=Max("time_msc"))["at"] or 0
    ticket = Deal.objects.filter(account=account, time_msc=last).aggregate(n=Max("ticket"))["n"]
    told = {
        "equity": Decimal(equity),
        "balance": Decimal(equity),
        "margin": Decimal(0),
        "heartbeat_at": now(),
        "watermark_time_msc": last,
        "watermark_ticket": ticket or 0,
        **facts,
    }
    BrokerAccount.objects.filter(id=account.id).update(**told)
    equity_told(account_id=account.id)
    account.refresh_from_db()


def live_make(desk: Desk, **limits: Any) -> None:
    """Turn the desk's account into a live one that takes entries."""
    account_set(desk.account, book="live")
    account_let_trade(desk.account, **limits)


def account_let_trade(account: BrokerAccount, **limits: Any) -> None:
    """Give a live account what it takes entries with: limits, a quote and a heartbeat."""
    assert set(_GENEROUS) == set(LIVE_REQUIRED)
    limits_of(LimitScope(Scope.ACCOUNT, account_id=account.id), **{**_GENEROUS, **limits})
    quote_tell(account, "1.10000", "1.10000")
    heartbeat_tell(account, account.equity or 10_000)
