"""Several trades in one netting position, told by a scripted executor."""

from typing import Any

from django.db import connection

from execution.models import Order, Position
from tests.contract.execution.scripted import Scripted

STOP = "1.09500"


def opens(ea: Scripted, ref: str, lots: str = "0.10", **fields: Any) -> tuple[Order, Position]:
    """An entry that opens a position, or joins the one that is there."""
    order = ea.takes(staged(ea, ref, lots, **fields))
    there = Position.objects.filter(account=ea.desk.account, closed_at=None).first()
    at = {"position_ticket": str(there.position_ticket)} if there else {}
    ea.deals(order, **at)
    return order, Position.objects.get(account=ea.desk.account, closed_at=None)


def staged(ea: Scripted, ref: str, lots: str, **fields: Any) -> Order:
    return ea.desk.stage(trade_ref=ref, lots=lots, **{"risk_bps": 500, **fields})


def by_hand(
    ea: Scripted, position: Position, kind: str, lots: str, entry: str = "in", **more: Any
) -> None:
    at = {"position_ticket": str(position.position_ticket), "kind": kind, "entry": entry}
    ea.deals(volume_lots=lots, reason="client", **at, **more)
    position.refresh_from_db()


def leave(ea: Scripted, ref: str, verb: str = "exit", **fields: Any) -> Order:
    return ea.desk.stage(verb, side="sell", trade_ref=ref, **fields)


def shares(position: Position) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id, lots FROM execution_position_shares(%s, %s)",
            [position.account_id, position.position_ticket],
        )
        return {key: str(lots.normalize()) for key, lots in cursor.fetchall()}
