"""One SQLite file: named values, its owner's tables, changes that happen whole or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VALUES = "CREATE TABLE IF NOT EXISTS value (name TEXT PRIMARY KEY, content TEXT NOT NULL);"


class Store:
    """Every change is inside `changing()`. `tables` is SQL that may run again at each start."""

    def __init__(self, path: Path, tables: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.executescript(_VALUES + tables)

    def close(self) -> None:
        self._base.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction on disk."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def value(self, name: str, default: str = "") -> str:
        row = self._base.execute("SELECT content FROM value WHERE name = ?", [name]).fetchone()
        return row[0] if row else default

    def value_set(self, name: str, content: str) -> None:
        self._base.execute("INSERT OR REPLACE INTO value VALUES (?, ?)", [name, content])
