"""One way to date a row: a service names the clock's time, SQL asks `events_now()`."""

import re
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.models import DateField, TimeField
from django.db.models.fields import NOT_PROVIDED

ROOT = Path(__file__).resolve().parents[2]
OWN = ("events", "incidents", "signals", "execution", "treasury", "tokens", "ops", "community")
# The database's and Django's own clocks; only `events_now()` itself may ask one.
OTHER_CLOCKS = re.compile(
    r"\b(now\(\)|current_timestamp|clock_timestamp\(|statement_timestamp\(|timezone\.now\b)", re.I
)


def test_no_column_dates_itself() -> None:
    dating = [
        f"{field.model.__name__}.{field.name}"
        for app in OWN
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, DateField | TimeField)
        and (
            field.auto_now
            or field.auto_now_add
            or field.default is not NOT_PROVIDED
            or field.db_default is not NOT_PROVIDED
        )
    ]
    assert dating == []


def test_no_column_of_the_database_dates_itself(db) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_default IS NOT NULL"
            " AND data_type LIKE 'timestamp%%'",
        )
        assert [name for (name,) in cursor.fetchall()] == []


def test_sql_functions_ask_the_one_clock(db) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND proname <> 'events_now'",
        )
        other = [name for name, body in cursor.fetchall() if OTHER_CLOCKS.search(_own(body))]
    assert other == []


def _own(body: str) -> str:
    return body.replace("events_now()", "")


def test_services_ask_the_one_clock() -> None:
    other = [
        str(path.relative_to(ROOT))
        for app in ("signals", "execution", "treasury", "tokens", "fusion_project")
        for path in (ROOT / app).rglob("services/*.py")
        if re.search(r"timezone\.now|datetime\.now|utcnow|CURRENT_TIMESTAMP", path.read_text())
    ]
    assert other == []
