"""A whole trade by the real roads: alerts through the webhook, an executor's reports, handlers."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.test import Client

from execution.models import Order, Position
from execution.rules.messages import ExecutorCaller
from fusion_project.events.clock import now
from signals.models import Decision, Strategy
from signals.services.strategies import strategy_create, strategy_secret_issue
from tests.builders.execution import Desk, account_follow, key_make
from tests.builders.people import staff_make
from tests.builders.risk import account_let_trade
from tests.factories.execution import EURUSD_SHEET

__all__ = ("Flow", "client_of", "flow_make", "signal_message", "staff_make")

_numbers = itertools.count(1)
# A prior that clears cost, so that fusion approves without any history.
POLICY = {
    "prior_p": Decimal("0.62"),
    "prior_strength": Decimal(400),
    "payoff_r": Decimal(2),
    "entry_seconds": 300,
}


@dataclass
class Flow:
    """One strategy with its webhook, followed by one account with its executor."""

    desk: Desk
    webhook: str
    secret: str
    run_handlers: Callable[[], int]

    @property
    def strategy(self) -> Strategy:
        return self.desk.strategy

    def alert(self, event: str = "entry", **fields: Any) -> dict[str, Any]:
        """Post one `df.signal` to the webhook, for the account's book; returns its receipt."""
        message = signal_message(event, **{"env": self.desk.account.book, **fields})
        answer = Client().post(self.webhook, json.dumps(message), content_type="text/plain")
        assert answer.status_code in (200, 202), answer.content
        return answer.json()

    def decided(self, **fields: Any) -> Decision:
        """An entry that fusion has judged."""
        receipt = self.alert(**fields)
        self.run_handlers()
        return Decision.objects.get(alert_id=receipt["alert_id"])

    def opened(self, **fields: Any) -> Position:
        """An entry, approved, ordered and filled."""
        decision = self.decided(**fields)
        order = Order.objects.get(decision=decision)
        self.desk.poll()
        self.desk.report("ack", order)
        deal = self.desk.deal(order, commission=Decimal("-0.35"))
        self.run_handlers()
        return Position.objects.get(position_ticket=deal.position_ticket)

    def closed(self, profit: str = "12.50", **fields: Any) -> Position:
        """A whole trade: entry, fill, exit, fill, and all postings."""
        position = self.opened(**fields)
        self.alert("exit", trade=position.trade_ref, side="sell")
        self.run_handlers()
        order = Order.objects.get(verb="exit", position_ticket=position.position_ticket)
        self.desk.poll()
        self.desk.report("ack", order)
        closing = {"magic": order.id, "price": _price_that_earns(position, Decimal(profit))}
        self.desk.close(position, profit=Decimal(profit), commission=Decimal("-0.35"), **closing)
        self.run_handlers()
        position.refresh_from_db()
        return position

    def deposit(self, amount: str = "10000") -> None:
        """The opening deposit, by the same report road as every deal."""
        self.desk.deal(
            kind="balance",
            entry="",
            position_ticket=0,
            symbol="",
            volume_lots=Decimal(0),
            price=Decimal(0),
            profit=Decimal(amount),
        )
        self.run_handlers()


def _price_that_earns(position: Position, profit: Decimal) -> Decimal:
    """Where this buy closes by the contract of EURUSD: a sheet that its deals belie is doubted."""
    move = profit / position.volume_open_lots / EURUSD_SHEET["contract_size"]
    return (position.price_open + move).quantize(EURUSD_SHEET["tick_size"])


def signal_message(event: str, *, trade: str = "", **fields: Any) -> dict[str, Any]:
    """A `df.signal` v1 message on EURUSD with a new id."""
    moment = int(now().timestamp() * 1000)
    number = f"df-test:{next(_numbers)}:{moment}"
    message: dict[str, Any] = {
        "schema": "df.signal",
        "v": 1,
        "minor": 0,
        "id": number,
        "event": event,
        "trade_id": trade or number,
        "script": "df-test",
        "script_ver": "1.0.0",
        "symbol": "EURUSD",
        "exchange": "OANDA",
        "tf": "1",
        "bar_time": moment - 60_000,
        "bar_close": moment,
        "sent_at": moment,
        "side": "buy",
        "position": "flat",
        "ref_price": "1.10000",
        "env": "paper",
    }
    if event == "entry":
        message |= {
            "position": "long",
            "order_type": "market",
            "size_mode": "risk_pct",
            "size": "1.00",
            "sl": "1.09500",
            "tp": "1.11000",
        }
    return message | fields


def flow_make(
    run_handlers: Callable[[], int], *, slug: str = "", book: str = "paper", **policy: Any
) -> Flow:
    """A desk whose strategy has a webhook; approval is automatic unless the policy says else."""
    name = slug or f"trend-{next(_numbers)}"
    fields = {**POLICY, "approval": "automatic", "live_grade_min": "D", **policy}
    strategy = strategy_create(slug=name, name=name.capitalize(), actor="user:1", **fields)
    issued = strategy_secret_issue(strategy_id=strategy.id, actor="user:1")
    account = account_follow(strategy, book=book)
    key = key_make(account)
    caller = ExecutorCaller(key.key.id, key.key.prefix, account.id, tuple(key.key.scopes))
    if book == "live":
        account_let_trade(account)
    desk = Desk(strategy=strategy, account=account, caller=caller, key_text=key.text)
    return Flow(desk, issued.path, issued.secret, run_handlers)


def client_of(user: Any) -> Client:
    """A browser in which this person is logged in."""
    client = Client()
    client.force_login(user)
    return client
