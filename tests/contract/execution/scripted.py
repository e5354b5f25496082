"""An executor that says over HTTP whatever it is told to say."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from execution.models import BrokerAccount, Order, Position
from execution.rules.switches import HALTED
from execution.selectors.switches import account_state
from execution.wire.fields import number_text
from fusion_project.events.clock import now
from fusion_project.incidents.models import Incident
from tests.builders.execution import Desk
from tests.builders.risk import quote_tell
from tests.contract.execution.calls import heartbeat_body, hello_body, post

OPPOSITE = {"buy": "sell", "sell": "buy"}


def msc(moment: datetime) -> int:
    """Milliseconds as MT5 counts them."""
    return int(moment.timestamp() * 1000)


class Scripted:
    """One instance with its own report numbers and deal tickets."""

    def __init__(
        self, desk: Desk, *, instance: str = "ea-1", boot_nonce: str = "", first_seq: int = 1
    ) -> None:
        self.desk = desk
        self.who = {"instance": instance, **({"boot_nonce": boot_nonce} if boot_nonce else {})}
        self.seqs = itertools.count(first_seq)
        self.tickets = itertools.count(100_000)
        self.beats = itertools.count(1)

    def hello(self, **changes: Any):
        """Begin a run, by default of minor 2, whose first heartbeat would tell a quote."""
        said = {"margin_mode": self.desk.account.margin_mode, "api_minor": 2}
        body = hello_body(self.desk, **{**self.who, **said, **changes})
        answer = post(self.desk, "hello", body)
        if answer.status_code == 200:
            quote_tell(self.desk.account, "1.10000", "1.10000")
        return answer

    def poll(self):
        answer = post(self.desk, "poll", self.who)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def report(self, kind: str, order: Order | None = None, **members: Any) -> dict[str, Any]:
        """One report as it goes over the wire; the fence defaults to the order's present one."""
        seq = members.pop("seq", None) or next(self.seqs)
        body: dict[str, Any] = {"report_id": f"{self.who['instance']}-{seq}", "seq": seq}
        if order is not None and kind != "deal":
            order.refresh_from_db()
            body |= {"order_id": str(order.id), "fence": order.fence}
        return {**body, "kind": kind, **members}

    def tell(self, *reports: dict[str, Any]) -> list[dict[str, Any]]:
        answer = post(self.desk, "reports", {**self.who, "reports": list(reports)})
        assert answer.status_code == 200, answer.content
        return answer.json()["reports"]

    def says(self, kind: str, order: Order | None = None, **members: Any) -> dict[str, Any]:
        (verdict,) = self.tell(self.report(kind, order, **members))
        return verdict

    def deal_of(self, order: Order | None = None, **changes: Any) -> dict[str, Any]:
        """What fills the order whole, told at once; `changes` are what is odd about it."""
        ticket = next(self.tickets)
        is_exit = order is not None and order.verb != "entry"
        return {
            "ticket": str(ticket),
            "kind": order.side if order else "buy",
            "entry": "out" if is_exit else "in",
            "time_msc": msc(now()),
            "position_ticket": str(
                order.position_ticket if order is not None and is_exit else ticket + 50_000
            ),
            "magic": str(order.id) if order else "0",
            "symbol": "EURUSD",
            "volume_lots": number_text(order.volume_lots) if order else "0.10",
            "price": "1.10000",
            "reason": "expert",
            **changes,
        }

    def deals(self, order: Order | None = None, **changes: Any) -> dict[str, Any]:
        """Tell one deal; members of the report itself begin with `report_`."""
        members = {
            name.removeprefix("report_"): changes.pop(name)
            for name in list(changes)
            if name.startswith("report_")
        }
        return self.says("deal", deal=self.deal_of(order, **changes), **members)

    def opens(self, **fields: Any) -> Position:
        """A position from an entry that was leased, acknowledged and filled."""
        order = self.takes(self.desk.stage(**fields))
        ticket = next(self.tickets)
        self.deals(order, position_ticket=str(ticket))
        return Position.objects.get(position_ticket=ticket)

    def takes(self, order: Order) -> Order:
        """Lease the order and acknowledge it."""
        self.poll()
        self.says("ack", order)
        order.refresh_from_db()
        return order

    def stops(self, position: Position, **changes: Any) -> dict[str, Any]:
        """The broker closes the whole position at its stop, bearing the entry's number."""
        return self.deals(
            kind=OPPOSITE[position.side],
            entry="out",
            position_ticket=str(position.position_ticket),
            magic=str(position.order_id or 0),
            **{
                "volume_lots": number_text(position.volume_open_lots),
                "reason": "sl",
                **changes,
            },
        )

    def beat(self, **changes: Any):
        """A heartbeat that names our newest deal and says what is open here, but for changes."""
        account = self.desk.account
        last = account.deals.filter(held_for="").order_by("-time_msc", "-ticket").first()
        mark = (last.time_msc, str(last.ticket)) if last else (0, "0")
        body = {
            **self.who,
            "balance": "10000",
            "equity": "10000",
            "number": next(self.beats),
            "watermark": {"time_msc": mark[0], "ticket": mark[1]},
            "positions": [self.position(one) for one in open_positions(account)],
            "pendings": [],
            **changes,
        }
        body.pop("open_tickets", None)
        answer = post(self.desk, "heartbeat", {**heartbeat_body(), **body})
        assert answer.status_code == 200, answer.content
        return answer.json()

    def position(self, one: Position, **changes: Any) -> dict[str, Any]:
        """A position as the terminal shows it."""
        told: dict[str, Any] = {
            "position_ticket": str(one.position_ticket),
            "symbol": one.broker_symbol,
            "side": one.side,
            "volume_lots": number_text(one.volume_open_lots),
            "price_open": number_text(one.price_open),
            "sl": None if one.sl is None else number_text(one.sl),
            "tp": None if one.tp is None else number_text(one.tp),
            **changes,
        }
        return {name: value for name, value in told.items() if value is not None}


def open_positions(account: BrokerAccount) -> list[Position]:
    return list(Position.objects.filter(account=account, closed_at=None).order_by("id"))


def kinds_open() -> set[str]:
    """The kinds of all open incidents."""
    return set(Incident.objects.filter(closed_at=None).values_list("kind", flat=True))


def state(order: Order) -> str:
    order.refresh_from_db()
    return order.state


def is_halted(desk: Desk) -> bool:
    return account_state(desk.account.id) == HALTED


def hours(number: float) -> timedelta:
    return timedelta(hours=number)
