"""The paper broker's own books in one SQLite file: positions, orders, deals, balance."""

import json
from pathlib import Path
from typing import Any

from execution.paper.store import Store

_TABLES = """
    CREATE TABLE IF NOT EXISTS position (ticket INTEGER PRIMARY KEY, content TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS pending (ticket INTEGER PRIMARY KEY, magic INTEGER NOT NULL,
        content TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS deal (ticket INTEGER PRIMARY KEY, magic INTEGER NOT NULL,
        content TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS deal_by_magic ON deal (magic);
    CREATE TABLE IF NOT EXISTS past (ticket INTEGER PRIMARY KEY, magic INTEGER NOT NULL,
        state TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS past_by_magic ON past (magic);
    CREATE TABLE IF NOT EXISTS asked (magic INTEGER PRIMARY KEY, count INTEGER NOT NULL);
"""


class Book(Store):
    """Rows are JSON objects of decimal strings; every change is inside `changing()`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _TABLES)

    def ticket_next(self) -> int:
        """Return the next ticket; positions, orders and deals share the counter."""
        ticket = int(self.value("ticket", "100000")) + 1
        self.value_set("ticket", str(ticket))
        return ticket

    def positions(self) -> list[dict[str, Any]]:
        return self._rows("SELECT content FROM position ORDER BY ticket")

    def position(self, ticket: int) -> dict[str, Any] | None:
        found = self._rows("SELECT content FROM position WHERE ticket = ?", ticket)
        return found[0] if found else None

    def position_put(self, ticket: int, content: dict[str, Any]) -> None:
        self._base.execute(
            "INSERT OR REPLACE INTO position VALUES (?, ?)", [ticket, json.dumps(content)]
        )

    def position_drop(self, ticket: int) -> None:
        self._base.execute("DELETE FROM position WHERE ticket = ?", [ticket])

    def position_of(self, symbol: str) -> dict[str, Any] | None:
        """Return the oldest position in a symbol; a netting account has no other."""
        return next((one for one in self.positions() if one["symbol"] == symbol), None)

    def pendings(self, magic: int | None = None) -> list[dict[str, Any]]:
        if magic is None:
            return self._rows("SELECT content FROM pending ORDER BY ticket")
        return self._rows("SELECT content FROM pending WHERE magic = ? ORDER BY ticket", magic)

    def pending_put(self, ticket: int, magic: int, content: dict[str, Any]) -> None:
        self._base.execute(
            "INSERT OR REPLACE INTO pending VALUES (?, ?, ?)", [ticket, magic, json.dumps(content)]
        )

    def pending_end(self, ticket: int, magic: int, state: str) -> None:
        """Take a resting order away and remember how it ended."""
        self._base.execute("DELETE FROM pending WHERE ticket = ?", [ticket])
        self._base.execute("INSERT INTO past VALUES (?, ?, ?)", [ticket, magic, state])

    def ended(self, magic: int) -> str:
        """Return how the last resting order of this magic ended, or an empty text."""
        row = self._base.execute(
            "SELECT state FROM past WHERE magic = ? ORDER BY ticket DESC LIMIT 1", [magic]
        ).fetchone()
        return row[0] if row else ""

    def asked(self, magic: int) -> int:
        """Count a request of this magic, and return how many came before it."""
        row = self._base.execute("SELECT count FROM asked WHERE magic = ?", [magic]).fetchone()
        count = int(row[0]) if row else 0
        self._base.execute("INSERT OR REPLACE INTO asked VALUES (?, ?)", [magic, count + 1])
        return count

    def deal_put(self, ticket: int, magic: int, content: dict[str, Any]) -> None:
        self._base.execute(
            "INSERT INTO deal VALUES (?, ?, ?)", [ticket, magic, json.dumps(content)]
        )

    def deals_after(self, ticket: int, limit: int = 200) -> list[dict[str, Any]]:
        return self._rows(
            "SELECT content FROM deal WHERE ticket > ? ORDER BY ticket LIMIT ?", ticket, limit
        )

    def deals_of(self, magic: int) -> list[dict[str, Any]]:
        return self._rows("SELECT content FROM deal WHERE magic = ? ORDER BY ticket", magic)

    def deal_count(self, magic: int) -> int:
        row = self._base.execute("SELECT count(*) FROM deal WHERE magic = ?", [magic]).fetchone()
        return int(row[0])

    def _rows(self, query: str, *values: int) -> list[dict[str, Any]]:
        return [json.loads(row[0]) for row in self._base.execute(query, values).fetchall()]
