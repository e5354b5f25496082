"""The SQL beside the migrations goes back and forth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import signals

FOLDER = Path(signals.__file__).parent / "migrations" / "sql"
NAMES = ["0002_deliveries", "0003_guards", "0004_accept", "0005_edge"]
LEFT = "SELECT proname FROM pg_proc WHERE proname LIKE 'signals\\_%'"


@pytest.mark.usefixtures("committed_db")
def test_the_sql_goes_down_to_nothing_and_up_again(owner_connection: Any) -> None:
    before = owner_connection.execute(LEFT).fetchall()
    for name in reversed(NAMES):
        owner_connection.execute((FOLDER / f"{name}.reverse.sql").read_text())
    assert owner_connection.execute(LEFT).fetchall() == []
    for name in NAMES:
        owner_connection.execute((FOLDER / f"{name}.sql").read_text())
    assert sorted(owner_connection.execute(LEFT).fetchall()) == sorted(before)
    owner_connection.rollback()
