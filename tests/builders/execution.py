"""A desk to trade at: a strategy, an account with its executor, and the real services between."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import connection

from execution.models import BrokerAccount, Order, Position
from execution.rules.messages import ExecutorCaller, Program, ReportVerdict
from execution.services.keys import IssuedKey, key_issue
from execution.services.leases import PollAnswer, order_lease
from execution.services.reports import report_record
from execution.services.staging import decision_stage
from execution.services.subscriptions import subscription_create
from execution.wire import ExecutionReport, ReportedDeal
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.intents.legs import Leg, Size, Target
from signals.intents.plan import Plan
from signals.models import Alert, Decision, Strategy
from signals.services.strategies import strategy_create
from tests.builders.second_person import request_confirmed
from tests.database import owner_writes
from tests.factories.execution import BrokerAccountFactory, SymbolMapFactory

_numbers = itertools.count(1)


def strategy_make(**fields: Any) -> Strategy:
    """An active strategy."""
    number = next(_numbers)
    slug = f"trend-{number}-{uuid4().hex[:6]}"
    wanted = {"slug": slug, "name": f"Trend {number}", "actor": "system", **fields}
    return strategy_create(**wanted)


def alert_make(
    strategy: Strategy,
    *,
    trade_ref: str = "",
    trace_id: str = "",
    sender_id: str | None = None,
    grade: str = "A",
    env: str = "",
) -> Alert:
    """A received alert; of its intent, execution reads `env` alone."""
    return Alert.objects.create(
        strategy=strategy,
        delivery_id=next(_numbers),
        dialect="df.signal",
        kind="trade",
        intent=json.dumps({"env": env} if env else {}),
        body_sha256="0" * 64,
        sender_id=sender_id,
        trade_ref=trade_ref,
        grade=grade,
        trace_id=trace_id or uuid4().hex,
        received_at=now(),
    )


def decision_make(
    strategy: Strategy,
    verb: str = "entry",
    *,
    side: str = "buy",
    instrument: str = "EURUSD",
    trade_ref: str = "",
    trace_id: str = "",
    alert: Alert | None = None,
    leg_no: int = 0,
    ref_price: str | None = "1.10000",
    risk_bps: int = 50,
    size_factor: str = "1",
    p_final: str = "0.6",
    valid_seconds: int = 60,
    approve: bool = True,
    reverses: bool = False,
    ref_id: str = "",
    **asked: Any,
) -> Decision:
    """An approved decision, as fusion or the intake's rule leaves it; `reverses`: a closing leg
    before an entry of the same alert.
    """
    alert = alert or alert_make(strategy, trade_ref=trade_ref, trace_id=trace_id)
    is_entry = verb == "entry"
    leg = _leg_make(verb, side, instrument, **_with_stop(verb, side, ref_price, asked))
    scope, found = _target_find(strategy, leg, (trade_ref, ref_id), instrument, reverses)
    moment = now()
    decision = Decision.objects.create(
        alert=alert,
        strategy=strategy,
        leg_no=leg_no,
        verb=verb,
        side=side,
        instrument=instrument,
        leg=leg.to_json(),
        trade_ref=trade_ref,
        trace_id=trace_id or alert.trace_id,
        scope=scope,
        target_trace_id=(trace_id or found) if scope else "",
        ref_price=_decimal(ref_price),
        state="proposed" if is_entry else "approved",
        author="" if is_entry else "rule:risk_lowering",
        valid_until=moment + timedelta(seconds=valid_seconds) if is_entry else None,
        created_at=moment,
        decided_at=None if is_entry else moment,
    )
    if is_entry and approve:
        _approve(decision, risk_bps, Decimal(size_factor), Decimal(p_final))
    return decision


def _with_stop(
    verb: str, side: str, ref_price: str | None, asked: dict[str, Any]
) -> dict[str, Any]:
    """An entry that does not mention its stop has one 50 pips off: 0.10 lots by the risk."""
    price = asked.get("limit_price") or asked.get("stop_price") or ref_price
    if verb != "entry" or "sl" in asked or price is None:
        return asked
    distance = Decimal("-0.00500") if side == "buy" else Decimal("0.00500")
    return {**asked, "sl": str(Decimal(price) + distance)}


def _leg_make(
    verb: str,
    side: str,
    symbol_raw: str,
    *,
    sl: str | Target | None = None,
    tp: str | Target | None = None,
    lots: str | None = None,
    size: Size | None = None,
    close_pct: str | None = None,
    order_type: str = "market",
    limit_price: str | None = None,
    stop_price: str | None = None,
    tif: str = "",
    good_until: datetime | None = None,
    plan: dict[str, Any] | None = None,
) -> Leg:
    return Leg(
        verb=verb,
        side=side,
        symbol_raw=symbol_raw,
        order_type=order_type,
        limit_price=_decimal(limit_price),
        stop_price=_decimal(stop_price),
        size=Size("lots", Decimal(lots)) if lots else size,
        close_pct=_decimal(close_pct),
        sl=_target(sl),
        tp=_target(tp),
        tif=tif,
        good_until=good_until,
        plan=None if plan is None else Plan.from_dict(plan),
    )


def _approve(decision: Decision, risk_bps: int, size_factor: Decimal, p_final: Decimal) -> None:
    Decision.objects.filter(id=decision.id).update(
        state="approved",
        inputs="{}",
        p_final=p_final,
        risk_bps=risk_bps,
        size_factor=size_factor,
        author="engine:test",
        decided_at=decision.created_at,
        reviews_needed=0,
    )
    decision.refresh_from_db()


def _target_find(
    strategy: Strategy, leg: Leg, refs: tuple[str, str], instrument: str, reverses: bool
) -> tuple[str, str]:
    """What intake stores with a leg that opens nothing; nothing for an entry."""
    if leg.verb == "entry":
        return "", ""
    values = [strategy.id, *refs, instrument, leg.side, leg.verb, reverses]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT scope, target_trace_id FROM signals_target(%s, %s, %s, %s, %s, %s, %s)", values
        )
        return cursor.fetchone()


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _target(value: str | Target | None) -> Target | None:
    return Target("price", Decimal(value)) if isinstance(value, str) else value


@dataclass
class Desk:
    """One strategy on one account with one executor instance."""

    strategy: Strategy
    account: BrokerAccount
    caller: ExecutorCaller
    key_text: str
    instance: str = "ea-1"
    seqs: Any = field(default_factory=lambda: itertools.count(1))
    tickets: Any = field(default_factory=lambda: itertools.count(100))

    def decide(self, verb: str = "entry", *, sender_id: str = "", **fields: Any) -> Decision:
        """An approved decision of the strategy; `sender_id` is its alert's."""
        if sender_id:
            ref = fields.get("trade_ref", "")
            fields["alert"] = alert_make(self.strategy, trade_ref=ref, sender_id=sender_id)
        return decision_make(self.strategy, verb, **fields)

    def stage(self, verb: str = "entry", **fields: Any) -> Order:
        """Decide and stage; returns the one order made."""
        (order,) = decision_stage(decision_id=self.decide(verb, **fields).id)
        return order

    def awaits(self, **fields: Any) -> dict[str, Any]:
        """Decide an entry that only waits; returns what stands in the way, as it is recorded."""
        decision = self.decide(**fields)
        assert decision_stage(decision_id=decision.id) == []
        told = Event.objects.filter(name=names.ORDER_AWAITED, trace_id=decision.trace_id)
        detail: dict[str, Any] = json.loads(told.get().detail)
        return {**detail, "decision_id": decision.id}

    def decide_and_stage(self, verb: str, **fields: Any) -> list[Order]:
        """Decide and stage; returns the orders made, which a cancel has none of."""
        return decision_stage(decision_id=self.decide(verb, **fields).id)

    def poll(self, instance: str = "", boot_nonce: str = "") -> PollAnswer:
        """One poll of the executor."""
        program = Program(instance or self.instance, boot_nonce)
        return order_lease(caller=self.caller, program=program)

    def leased(self, order: Order | None = None, **fields: Any) -> Order:
        """A staged and leased entry."""
        order = order or self.stage(**fields)
        self.poll()
        order.refresh_from_db()
        return order

    def report(
        self,
        kind: str,
        order: Order | None = None,
        *,
        fence: int | None = None,
        report_id: str = "",
        deal: ReportedDeal | None = None,
        raw: str = "",
        **fields: Any,
    ) -> ReportVerdict:
        """Send one report; the fence defaults to the order's present one."""
        if order is not None and fence is None:
            fence = Order.objects.values_list("fence", flat=True).get(id=order.id)
        report_id = report_id or uuid4().hex
        facts = ExecutionReport(
            report_id=report_id,
            seq=next(self.seqs),
            kind=kind,
            order_id=order.id if order else None,
            fence=fence,
            deal=deal,
            **fields,
        )
        return report_record(
            caller=self.caller, facts=facts, raw=raw or report_id, instance=self.instance
        )

    def deal_facts(self, order: Order | None = None, **fields: Any) -> ReportedDeal:
        """An opening deal of the order, told now, or what the fields say."""
        ticket = next(self.tickets)
        kind = fields.pop("kind", order.side if order else "buy")
        values: dict[str, Any] = {
            "ticket": ticket,
            "kind_told": kind,
            "time_msc": int(now().timestamp() * 1000),
            "entry": "in",
            "symbol": "EURUSD",
            "position_ticket": ticket + 5_000,
            "price": Decimal("1.10000"),
            "volume_lots": order.volume_lots if order else Decimal("0.10"),
            "magic": order.id if order else 0,
        }
        return ReportedDeal(**{**values, **fields})

    def deal(self, order: Order | None = None, **fields: Any) -> ReportedDeal:
        """Report one deal; returns what was told."""
        facts = self.deal_facts(order, **fields)
        self.report("deal", deal=facts)
        return facts

    def opened(self, order: Order | None = None, **fields: Any) -> Position:
        """An open position from a filled entry."""
        order = self.leased(order, **fields)
        self.report("ack", order)
        deal = self.deal(order)
        return Position.objects.get(account=self.account, position_ticket=deal.position_ticket)

    def close(self, position: Position, **fields: Any) -> Position:
        """Close the whole position by one deal."""
        self.deal(
            **{
                "kind": "sell" if position.side == "buy" else "buy",
                "entry": "out",
                "position_ticket": position.position_ticket,
                "volume_lots": position.volume_open_lots,
                "symbol": position.broker_symbol,
                **fields,
            }
        )
        position.refresh_from_db()
        return position


def account_follow(strategy: Strategy, **fields: Any) -> BrokerAccount:
    """An account with EURUSD that follows the strategy."""
    account = BrokerAccountFactory(**fields)
    SymbolMapFactory(account=account)
    account_subscribe(strategy, account)
    return account


def account_subscribe(strategy: Strategy, account: BrokerAccount, **fields: Any) -> None:
    """Let the account follow; a live one as two people wanted it."""
    wants = request_confirmed("account.subscribe") if account.book == "live" else None
    subscription_create(strategy_id=strategy.id, account_id=account.id, request=wants, **fields)


def account_set(account: BrokerAccount, **facts: Any) -> None:
    """Give the account another book or other limits; only the tables' owner may."""
    with owner_writes():
        BrokerAccount.objects.filter(id=account.id).update(**facts)
    account.refresh_from_db()


def key_make(account: BrokerAccount, **fields: Any) -> IssuedKey:
    """A key of the account; a live one's as two people wanted it."""
    request = request_confirmed("key.issue") if account.book == "live" else None
    wanted = {"label": "ea", "actor": "user:1", "request": request, **fields}
    return key_issue(account_id=account.pk, **wanted)


def desk_make(strategy: Strategy | None = None, **account_fields: Any) -> Desk:
    """A desk ready to stage, poll and report; of a strategy of its own where none is given."""
    strategy = strategy or strategy_make()
    account = account_follow(strategy, **account_fields)
    issued = key_make(account)
    caller = ExecutorCaller(issued.key.id, issued.key.prefix, account.id, tuple(issued.key.scopes))
    return Desk(strategy=strategy, account=account, caller=caller, key_text=issued.text)
