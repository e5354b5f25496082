"""What one look at the catalogue finds: what is wrong, and what puts it right."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import sql


@dataclass(frozen=True, slots=True)
class Fault:
    """`repairs` are the owner's statements for `setup_roles`; `by_hand` is what a person runs."""

    what: str
    repairs: tuple[sql.Composed, ...] = ()
    by_hand: str = ""

    def __str__(self) -> str:
        run = self.by_hand or "DATABASE_ROLE=owner manage.py setup_roles"
        return f"{self.what}; run {run}"


def rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a query over the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def statement(text: str, **names: str | sql.Composable) -> sql.Composed:
    """A statement whose `{names}` are identifiers, or pieces of SQL that are composed already."""
    pieces = {
        key: name if isinstance(name, sql.Composable) else sql.Identifier(name)
        for key, name in names.items()
    }
    return sql.SQL(text).format(**pieces)


def grantee(name: str) -> sql.Composable:
    """A role in GRANT and REVOKE; PUBLIC is a word there, not a name."""
    return sql.SQL("PUBLIC") if name == "PUBLIC" else sql.Identifier(name)
