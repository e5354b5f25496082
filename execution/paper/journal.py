"""The executor's memory in one SQLite file: each order before it is sent, each report to be told.

States of an order here: received (kept, not sent), intent (about to be sent), sent (the broker
answered), closed (all told), lost (it was out before this journal began).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from execution.paper.store import Store
from execution.wire import ExecutionReport, body_read, body_write
from execution.wire.answers import HelloReply, LeasedOrder

RECEIVED, INTENT, SENT, CLOSED, LOST = "received", "intent", "sent", "closed", "lost"
NEVER_HELD = "{}"
KEEP_SENT = 2_000

_TABLES = """
    CREATE TABLE IF NOT EXISTS journal (order_id TEXT PRIMARY KEY, fence INTEGER NOT NULL,
        state TEXT NOT NULL, request TEXT NOT NULL, told TEXT NOT NULL DEFAULT '');
    CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL, is_sent INTEGER NOT NULL DEFAULT 0, refusal TEXT NOT NULL DEFAULT '');
    CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (seq) WHERE is_sent = 0;
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One journalled order; `order` is None where it was asked about but never handed out here."""

    order_id: int
    fence: int
    state: str
    order: LeasedOrder | None
    told: str


class Journal(Store):
    """Every change is inside `changing()`, so that an order's step and its report go together."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _TABLES)
        self._base.execute("PRAGMA synchronous=FULL")
        if not self.value("instance"):
            self.value_set("instance", f"paper-{uuid4().hex[:12]}")

    @property
    def instance(self) -> str:
        """The executor's lasting name; a restart on the same home is the same instance."""
        return self.value("instance")

    def begin(self, answer: HelloReply) -> None:
        """Note when it began, once: of orders that are out by then it knows nothing, so it cannot
        say that they were never sent.
        """
        if self.value("since"):
            return
        with self.changing():
            self.value_set("since", answer.server_time)
            for one in answer.orders:
                if one.fence and self.order(one.order_id) is None:
                    self.order_put(one.order_id, one.fence, LOST)

    def order(self, order_id: int) -> Kept | None:
        row = self._base.execute(
            "SELECT order_id, fence, state, request, told FROM journal WHERE order_id = ?",
            [str(order_id)],
        ).fetchone()
        return _kept(row) if row else None

    def orders(self, *states: str) -> list[Kept]:
        marks = ",".join("?" * len(states))
        rows = self._base.execute(
            "SELECT order_id, fence, state, request, told FROM journal"
            f" WHERE state IN ({marks}) ORDER BY rowid",
            states,
        ).fetchall()
        return [_kept(row) for row in rows]

    def order_put(
        self, order_id: int, fence: int, state: str, order: LeasedOrder | None = None
    ) -> None:
        request = NEVER_HELD if order is None else body_write(order).decode()
        self._base.execute(
            "INSERT OR REPLACE INTO journal VALUES (?, ?, ?, ?, '')",
            [str(order_id), fence, state, request],
        )

    def order_state(self, order_id: int, state: str) -> None:
        self._base.execute(
            "UPDATE journal SET state = ? WHERE order_id = ?", [state, str(order_id)]
        )

    def order_told(self, order_id: int, told: str) -> None:
        self._base.execute("UPDATE journal SET told = ? WHERE order_id = ?", [told, str(order_id)])

    def report(self, kind: str, **members: Any) -> None:
        """Add a report to the outbox; its sequence number and id are given here, for good."""
        cursor = self._base.execute("INSERT INTO outbox (body) VALUES ('')")
        seq = cursor.lastrowid
        assert seq is not None
        report = ExecutionReport(report_id=f"{self.instance}-{seq}", seq=seq, kind=kind, **members)
        body = body_write(report).decode()
        self._base.execute("UPDATE outbox SET body = ? WHERE seq = ?", [body, seq])

    def unsent(self, limit: int) -> dict[int, str]:
        """Return the oldest untold reports, by their numbers."""
        rows = self._base.execute(
            "SELECT seq, body FROM outbox WHERE is_sent = 0 ORDER BY seq LIMIT ?", [limit]
        ).fetchall()
        return dict(rows)

    def unsent_count(self) -> int:
        """Return how many reports are not told yet."""
        row = self._base.execute("SELECT count(*) FROM outbox WHERE is_sent = 0").fetchone()
        return int(row[0])

    def mark_sent(self, seq: int, refusal: str = "") -> None:
        self._base.execute(
            "UPDATE outbox SET is_sent = 1, refusal = ? WHERE seq = ?", [refusal, seq]
        )

    def send_again(self, first: int, last: int) -> None:
        """The server misses these numbers: tell them once more, unless it refused them."""
        self._base.execute(
            "UPDATE outbox SET is_sent = 0 WHERE seq BETWEEN ? AND ? AND refusal = ''",
            [first, last],
        )

    def forget_old(self) -> None:
        """Keep the last 2 000 told reports, for gaps that the server may still find."""
        self._base.execute(
            "DELETE FROM outbox WHERE is_sent = 1 AND seq < (SELECT max(seq) FROM outbox) - ?",
            [KEEP_SENT],
        )


def _kept(row: tuple[str, int, str, str, str]) -> Kept:
    order_id, fence, state, request, told = row
    order = None if request == NEVER_HELD else body_read(request.encode(), LeasedOrder)
    return Kept(int(order_id), fence, state, order, told)
