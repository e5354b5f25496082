"""The executor's memory in one SQLite file: each order before it is sent, each report to be told.

States of an order here: received (kept, not sent), intent (about to be sent), sent (the broker
answered), closed (all told), lost (it was out before this journal began). What was told of it last
is kept beside its state.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from execution.paper.store import Store
from execution.wire import ExecutionReport, body_read, body_write
from execution.wire.answers import HelloReply, LeasedOrder, OrderOut
from execution.wire.fields import Text, Ticket

RECEIVED, INTENT, SENT, CLOSED, LOST = "received", "intent", "sent", "closed", "lost"
NEVER_SENT = "never_sent"
NEVER_HELD = "{}"
KEEP_SENT = 2_000
GAP_MAX = 100
_LOST = "the report of this number was refused, or is kept no more"

_TABLES = """
    CREATE TABLE IF NOT EXISTS journal (order_id TEXT PRIMARY KEY, fence INTEGER NOT NULL,
        state TEXT NOT NULL, request TEXT NOT NULL, told TEXT NOT NULL DEFAULT '');
    CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL, is_sent INTEGER NOT NULL DEFAULT 0, refusal TEXT NOT NULL DEFAULT '');
    CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (seq) WHERE is_sent = 0;
    CREATE TABLE IF NOT EXISTS plan (position INTEGER PRIMARY KEY, order_id TEXT NOT NULL,
        state TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS guard (position INTEGER PRIMARY KEY, order_id TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One journalled order; `order` is None where it was asked about but never handed out here."""

    order_id: int
    fence: int
    state: str
    order: LeasedOrder | None
    told: str

    @property
    def is_unsent(self) -> bool:
        """Whether it is sure that it never went out, whatever is asked about it."""
        return self.state == RECEIVED or (self.state == CLOSED and self.told == NEVER_SENT)


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
        """Note when it began: of orders that are out by then it knows nothing, so it cannot say
        that they were never sent. A journal that is older than what the server has heard of this
        instance, such as one from a backup, begins anew.
        """
        is_behind = answer.last_seq > self._last_seq()
        if self.value("since") and not is_behind:
            return
        with self.changing():
            self.value_set("since", answer.server_time)
            for one in answer.orders:
                self._lose(one)
            if is_behind:
                self._renumber(answer.last_seq)

    def _lose(self, one: OrderOut) -> None:
        """A staged order that was never handed out has no fence yet: its first lease is to come."""
        kept = self.order(one.order_id)
        if one.fence and (kept is None or kept.is_unsent):
            self.order_put(one.order_id, one.fence, LOST)

    def _last_seq(self) -> int:
        row = self._base.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        return int(row[0]) if row else 0

    def _renumber(self, last_seq: int) -> None:
        """What waits to be told under numbers that the server knows gets others."""
        rows = self._base.execute("SELECT body FROM outbox WHERE is_sent = 0 ORDER BY seq")
        waiting = [body_read(row[0].encode(), ExecutionReport) for row in rows.fetchall()]
        self._base.execute("DELETE FROM outbox")
        self._base.execute("DELETE FROM sqlite_sequence WHERE name = 'outbox'")
        self._base.execute("INSERT INTO sqlite_sequence VALUES ('outbox', ?)", [last_seq])
        for one in waiting:
            named = ("report_id", "seq", "kind")
            members = {name: getattr(one, name) for name in one.__struct_fields__}
            self.report(one.kind, **{k: v for k, v in members.items() if k not in named})

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
        self,
        order_id: int,
        fence: int,
        state: str,
        order: LeasedOrder | None = None,
        told: str = "",
    ) -> None:
        request = NEVER_HELD if order is None else body_write(order).decode()
        self._base.execute(
            "INSERT OR REPLACE INTO journal VALUES (?, ?, ?, ?, ?)",
            [str(order_id), fence, state, request, told],
        )

    def order_state(self, order_id: int, state: str) -> None:
        self._base.execute(
            "UPDATE journal SET state = ? WHERE order_id = ?", [state, str(order_id)]
        )

    def order_tell(self, order_id: int, fence: int, state: str, kind: str, **members: Any) -> None:
        """An order's step and its report, together; the fence is the one it is asked under."""
        self._base.execute(
            "UPDATE journal SET state = ?, told = ?, fence = max(fence, ?) WHERE order_id = ?",
            [state, kind, fence, str(order_id)],
        )
        self.report(kind, order_id=Ticket(order_id), fence=fence, **members)

    def guard_put(self, position: int, order_id: int) -> None:
        """Note that a position's stops are to be counted from its price, as its order says."""
        self._base.execute("INSERT OR REPLACE INTO guard VALUES (?, ?)", [position, str(order_id)])

    def guards(self) -> dict[int, int]:
        """Return the positions whose stops are to be counted still, with their orders."""
        rows = self._base.execute("SELECT position, order_id FROM guard").fetchall()
        return {position: int(order_id) for position, order_id in rows}

    def guard_drop(self, position: int) -> None:
        self._base.execute("DELETE FROM guard WHERE position = ?", [position])

    def plan_add(self, position: int, order_id: int, state: str) -> None:
        """Note that a position has the plan of its order; one that has begun goes on."""
        self._base.execute(
            "INSERT OR IGNORE INTO plan VALUES (?, ?, ?)", [position, str(order_id), state]
        )

    def plan_put(self, position: int, state: str) -> None:
        """Note what a plan has come to."""
        self._base.execute("UPDATE plan SET state = ? WHERE position = ?", [state, position])

    def plans(self) -> dict[int, tuple[int, str]]:
        """Return the positions that have a plan, with their orders and what it has come to."""
        rows = self._base.execute("SELECT position, order_id, state FROM plan ORDER BY position")
        return {position: (int(order_id), state) for position, order_id, state in rows.fetchall()}

    def plan_drop(self, position: int) -> None:
        self._base.execute("DELETE FROM plan WHERE position = ?", [position])

    def report(self, kind: str, **members: Any) -> None:
        """Add a report to the outbox; its sequence number and id are given here, for good."""
        cursor = self._base.execute("INSERT INTO outbox (body) VALUES ('')")
        seq = cursor.lastrowid
        assert seq is not None
        self._base.execute(
            "UPDATE outbox SET body = ? WHERE seq = ?", [self._body(seq, kind, **members), seq]
        )

    def _body(self, seq: int, kind: str, **members: Any) -> str:
        report = ExecutionReport(report_id=f"{self.instance}-{seq}", seq=seq, kind=kind, **members)
        return body_write(report).decode()

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

    def gap_close(self, first: int, last: int, *, notices: bool) -> None:
        """The server misses these numbers: tell them once more. What it refused, or what is kept no
        more, gets a notice under its number where the server reads those, so that no gap stays.
        """
        self._base.execute(
            "UPDATE outbox SET is_sent = 0 WHERE seq BETWEEN ? AND ? AND refusal = ''",
            [first, last],
        )
        rows = self._base.execute(
            "SELECT seq FROM outbox WHERE seq BETWEEN ? AND ? AND refusal = ''", [first, last]
        ).fetchall()
        again = {row[0] for row in rows}
        for seq in range(first, min(last + 1, first + GAP_MAX)) if notices else ():
            if seq not in again:
                body = self._body(seq, "notice", code="report_lost", message=Text(_LOST))
                self._base.execute(
                    "INSERT OR REPLACE INTO outbox VALUES (?, ?, 0, '')", [seq, body]
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
