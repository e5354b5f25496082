"""What the app's role may change, column by column of the catalogue, and what is refused to it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from fusion_project.incidents.services import incident_close, incident_open
from fusion_project.postgres.grants import (
    APP_ROLE,
    declared_by_table,
    of_django,
    written_by_functions,
)
from signals.models import Decision
from tests import database
from tests.builders.execution import Desk, decision_make, desk_make
from tests.builders.risk import shown_to

CHANGES: dict[str, dict[str, str]] = declared_by_table("CHANGES")
DELETES: dict[str, str] = declared_by_table("DELETES")
INSERTS: dict[str, tuple[str, ...]] = declared_by_table("INSERTS")
READ_ONLY = {"django_migrations", *written_by_functions()}
# Tables and columns of the catalogue; partitions are written through their parent.
_COLUMNS = """
    SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
        AND c.relispartition = %s
"""
_KEPT_BY = """
    SELECT p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = %s::regclass AND t.tgenabled = 'A'
    UNION SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass
"""


# check_violation, unique_violation, restrict_violation
RULES = {"23514", "23505", "23001"}


@pytest.fixture(scope="module")
def facts(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Desk]:
    """One database for all attacks: a trade that is closed, one that is open, and incidents."""
    with django_db_blocker.unblock():
        name = database.clone_create()
        with database.pointed_at(name):
            desk = desk_make()
            desk.close(desk.opened(trade_ref="t1", sl="1.09000"), profit=Decimal(7))
            desk.opened(trade_ref="t2", sl="1.09000")
            incident_open(kind="cash.differs", subject="execution.account:1", note="open")
            closed = incident_open(kind="cash.differs", subject="execution.account:2", note="x")
            incident_close(incident_id=closed, note="seen", actor="user:1")
            yield desk
            connection.close()
        database.clone_drop(name)


def rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def columns(*, of_partitions: bool = False) -> list[tuple[str, str]]:
    return rows(_COLUMNS, of_partitions)


def attack(statement: str, *values: object) -> None:
    """Try it as the app's role, with what is checked at commit; what is taken is undone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount != 0, "the statement met no row, so it proves nothing"
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def refused(statement: str, *, match: str | None = None) -> None:
    """By a right that is missing or by a rule, not by a slip in the statement."""
    with pytest.raises(DatabaseError, match=match) as error:
        attack(statement)
    if "permission denied" not in str(error.value):
        assert isinstance(error.value, IntegrityError)
        # A rule of ours: what is missing or names no row would be refused without any guard.
        assert error.value.__cause__.sqlstate in RULES, error.value


def test_every_table_is_named_by_its_app_or_read_only_or_djangos(facts):
    found = {table for table, _ in columns()}
    assert found == {*CHANGES, *READ_ONLY, *of_django()}
    assert {*DELETES, *INSERTS} <= set(CHANGES)


def test_the_app_changes_exactly_the_columns_that_are_listed(facts):
    may = {
        (table, column)
        for table, column in columns()
        if table not in of_django()
        and rows("SELECT has_column_privilege(%s, %s, %s, 'UPDATE')", APP_ROLE, table, column)[0][0]
    }
    assert may == {(table, column) for table, why in CHANGES.items() for column in why}


def test_the_app_appends_deletes_and_empties_exactly_where_it_is_listed(facts):
    for table, column in columns():
        if table in of_django():
            continue
        insert, delete, empty = rows(
            "SELECT has_column_privilege(%s, %s, %s, 'INSERT'),"
            " has_table_privilege(%s, %s, 'DELETE'), has_table_privilege(%s, %s, 'TRUNCATE')",
            *(APP_ROLE, table, column, APP_ROLE, table, APP_ROLE, table),
        )[0]
        may_insert = table in CHANGES and column in INSERTS.get(table, [column])
        assert (insert, delete, empty) == (may_insert, table in DELETES, False), (table, column)


def test_the_app_writes_no_partition_but_through_its_parent(facts):
    for table in {table for table, _ in columns(of_partitions=True)}:
        rights = "has_table_privilege(%s, %s, 'INSERT, UPDATE, DELETE, TRUNCATE')"
        assert rows(f"SELECT {rights}", APP_ROLE, table) == [(False,)]


def test_every_listed_column_says_why_and_names_a_guard_of_its_table_that_is_always_on(facts):
    for table, why in CHANGES.items():
        kept_by = {name for (name,) in rows(_KEPT_BY, table, table)}
        for column, reason in why.items():
            kind, _, rest = reason.partition(": ")
            assert kind in ("edges", "free"), (table, column)
            assert rest, (table, column)
            if kind == "edges":
                assert rest.partition(":")[0] in kept_by, (table, column)


def test_every_row_that_is_no_count_is_kept_from_its_owner_too(facts):
    forgets = {*DELETES, *of_django(), "django_migrations"}
    # What the code says again by itself.
    forgets |= {"events_lifesign", "events_periodicjob", "signals_expectation", "signals_tradable"}
    for table in {table for table, _ in columns()} - forgets:
        fires = rows(
            "SELECT bit_or(tgtype & 40) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND tgenabled = 'A' AND NOT tgisinternal",
            table,
        )
        assert fires == [(40,)], f"{table}: DELETE and TRUNCATE are to be refused"


def test_every_trigger_of_ours_is_always_on(facts):
    assert rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'") == []


REFUSED = {
    "incidents deleted": "DELETE FROM incidents_incident",
    "an incident opened again": "UPDATE incidents_incident SET closed_at = NULL, closed_by = '',"
    " closing_note = '' WHERE closed_at IS NOT NULL",
    "a closing note rewritten": "UPDATE incidents_incident SET closing_note = 'x'"
    " WHERE closed_at IS NOT NULL",
    "an incident seen less often": "UPDATE incidents_incident SET times_seen = 0"
    " WHERE closed_at IS NULL",
    "an incident closed by nobody": "UPDATE incidents_incident SET closed_at = now(),"
    " closed_by = 'nobody', closing_note = 'x' WHERE closed_at IS NULL",
    "an incident born closed": "INSERT INTO incidents_incident (kind, subject, note, opened_at,"
    " last_seen_at, closed_at, closed_by, closing_note)"
    " VALUES ('cash.differs', 'x:1', 'x', now(), now(), now(), 'system', 'x')",
    "an incident seen in a year to come": "UPDATE incidents_incident SET"
    " times_seen = times_seen + 1, last_seen_at = '9999-01-01' WHERE closed_at IS NULL",
    "an incident opened in a year to come": "INSERT INTO incidents_incident (kind, subject, note,"
    " opened_at, last_seen_at) VALUES ('cash.differs', 'x:1', 'x', '9999-01-01', '9999-01-01')",
    "an incident closed before it was opened": "UPDATE incidents_incident SET closed_by = 'system',"
    " closing_note = 'x', closed_at = '1999-01-01' WHERE closed_at IS NULL",
    "a net": "UPDATE execution_position SET net = 1000000",
    "a net with a fold": "UPDATE execution_position SET net = net + 5, profit = profit + 5,"
    " fold_revision = fold_revision + 1",
    "more lots open with a fold": "UPDATE execution_position SET fold_revision = fold_revision + 1,"
    " volume_open_lots = volume_open_lots + 5 WHERE closed_at IS NULL",
    "fewer lots closed with a fold": "UPDATE execution_position SET volume_closed_lots = 0,"
    " fold_revision = fold_revision + 1 WHERE closed_at IS NOT NULL",
    "the other side with a fold": "UPDATE execution_position SET side = 'sell',"
    " fold_revision = fold_revision + 1",
    "a better price with a fold": "UPDATE execution_position SET price_open = price_open - 0.01,"
    " fold_revision = fold_revision + 1",
    "a better close with a fold": "UPDATE execution_position SET price_close = price_close + 0.01,"
    " fold_revision = fold_revision + 1 WHERE closed_at IS NOT NULL",
    "an open position closed with a fold": "UPDATE execution_position SET closed_at = now(),"
    " volume_open_lots = 0, fold_revision = fold_revision + 1 WHERE closed_at IS NULL",
    "a closed position open again with a fold": "UPDATE execution_position SET closed_at = NULL,"
    " fold_revision = fold_revision + 1 WHERE closed_at IS NOT NULL",
    "an earlier opening with a fold": "UPDATE execution_position SET fold_revision ="
    " fold_revision + 1, opened_at = opened_at - interval '1 day'",
    "a fold for nothing": "UPDATE execution_position SET fold_revision = fold_revision + 1",
    "a price without a fold": "UPDATE execution_position SET price_open = price_open + 1",
    "a stop that no amend set": "UPDATE execution_position SET sl = 1.2",
    "another's position": "UPDATE execution_position SET strategy_id = NULL",
    "filled lots of ended orders": "UPDATE execution_order SET filled_lots = 0"
    " WHERE state = 'filled'",
    "more filled lots": "UPDATE execution_order SET filled_lots = filled_lots + 1",
    "a fence ahead": "UPDATE execution_order SET fence = fence + 1000",
    "a fence ahead by one": "UPDATE execution_order SET fence = fence + 1",
    "an ended order's reason": "UPDATE execution_order SET reason = 'x' WHERE state = 'filled'",
    "an ended order open again": "UPDATE execution_order SET state = 'staged'"
    " WHERE state = 'filled'",
    "an order's end": "UPDATE execution_order SET ended_at = NULL WHERE state = 'filled'",
    "what closes it, by an entry": "UPDATE execution_order SET closing_decision_id = decision_id",
    "an order's volume": "UPDATE execution_order SET volume_lots = 4900",
    "orders deleted": "DELETE FROM execution_order",
    "orders emptied": "TRUNCATE execution_order CASCADE",
    "positions deleted": "DELETE FROM execution_position",
    "accounts' books": "UPDATE execution_brokeraccount SET book = 'live'",
    "accounts' limits": "UPDATE execution_brokeraccount SET order_lots_max = 4900",
    "keys deleted": "DELETE FROM execution_executorkey",
    "a key's hash": "UPDATE execution_executorkey SET sha256 = repeat('a', 64)",
    "subscriptions deleted": "DELETE FROM execution_subscription",
    "a decision's volume": "UPDATE signals_decision SET risk_bps = risk_bps + 1",
    "a decision's meaning": "UPDATE signals_decision SET scope = 'strategy'",
    "decisions deleted": "DELETE FROM signals_decision",
    "a version ahead": "UPDATE signals_strategy SET version = version + 1000",
    "policies deleted": "DELETE FROM signals_strategypolicy",
    "a past event": "INSERT INTO events_event (at, name, subject, trace_id, actor, detail)"
    " VALUES ('1999-01-01', 'order.staged', 'x:1', '', 'system', '{}')",
    "an actor of no form": "SELECT events_record('order.staged', 'x:1', '', 'boss', '{}', '{}')",
    "an event that is handled already": "INSERT INTO events_handling (event_id, handler, done_at)"
    " SELECT id, 'signals.fuse_alert', now() FROM events_event LIMIT 1",
    "a claim's fence ahead": "UPDATE events_handling SET attempts = attempts + 1000",
    "tokens' cap": "UPDATE tokens_token SET cap = 1",
    "tokens deleted": "DELETE FROM tokens_token",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_the_app_is_refused(facts, statement):
    refused(statement)


def order_columns() -> str:
    fields = apps.get_model("execution", "order")._meta.concrete_fields
    return ", ".join(field.column for field in fields if field.column != "id")


def order_again(**changes: str) -> str:
    """Another order just as the open trade's, but for these columns."""
    values = {
        "state": "'staged'",
        "fence": "0",
        "filled_lots": "0",
        "lease_until": "NULL",
        "lease_key_id": "NULL",
        "instance": "''",
        "leased_at": "NULL",
        "acknowledged_at": "NULL",
        "retcode": "NULL",
        "ended_at": "NULL",
        **changes,
    }
    wanted = [values.get(name, name) for name in order_columns().split(", ")]
    return (
        f"INSERT INTO execution_order ({order_columns()}) SELECT {', '.join(wanted)}"
        " FROM execution_order WHERE trade_ref = 't2'"
    )


def fresh(desk: Desk) -> dict[str, str]:
    """An approved decision that has no order yet, as columns of an order."""
    decision = decision_make(desk.strategy, trade_ref="t2", sl="1.09000")
    shown_to(desk.account, decision, Decimal("0.1"))
    ends = f"(SELECT valid_until FROM signals_decision WHERE id = {decision.id})"
    return {
        "decision_id": str(decision.id),
        "trace_id": f"'{decision.trace_id}'",
        "valid_until": ends,
        "volume_lots": "0.1",
    }


MORE = "asks for more than was decided"


def test_an_order_as_it_was_decided_is_taken_so_the_refusals_below_mean_something(facts):
    attack(order_again(**fresh(facts)))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"volume_lots": "4900"}, "order_lots_max would be"),
        ({"volume_lots": "0.11"}, r"its preview shows 0\.1\n"),
        ({"side": "'sell'"}, MORE),
        ({"instrument": "'GBPUSD'"}, MORE),
        ({"trace_id": "repeat('a', 32)"}, MORE),
        ({"valid_until": "NULL"}, MORE),
        ({"state": "'leased'", "lease_until": "now()", "fence": "1"}, "starts staged"),
        ({"fence": "1"}, "starts staged"),
        ({"filled_lots": "0.1"}, "starts staged"),
        ({"instance": "'ea-9'"}, "starts staged"),
        ({"verb": "'exit'"}, MORE),
        ({"position_ticket": "77"}, MORE),
        ({"closing_decision_id": "decision_id"}, "starts staged"),
        ({"broker_symbol": "'XAUUSD'"}, MORE),
        ({"sl": "'NaN'"}, "must name a stop"),
        ({"sl": "NULL"}, "must name a stop"),
        ({"sl": "-1"}, "must name a stop"),
    ],
    ids=str,
)
def test_an_order_that_asks_for_something_else_is_refused(facts, changes, match):
    refused(order_again(**{**fresh(facts), **changes}), match=match)


def test_a_staged_order_of_an_abstained_decision_is_refused(facts):
    decision = decision_make(facts.strategy, trade_ref="t2", approve=False)
    rows_of = Decision.objects.filter(id=decision.id)
    for state in ("proposed", "abstained"):
        assert state == "proposed" or rows_of.update(state=state, reason="x") == 1
        wanted = {**fresh(facts), "decision_id": str(decision.id), "volume_lots": "4900"}
        refused(order_again(**wanted), match="no order comes from it")


@pytest.mark.parametrize("verb", ["exit", "amend"])
def test_an_exit_of_more_than_is_open_and_an_amend_of_nothing_are_refused(facts, verb):
    decision = decision_make(facts.strategy, verb, side="sell", trade_ref="t2")
    ticket = "(SELECT position_ticket FROM execution_position WHERE trade_ref = 't2')"
    wanted = {
        "decision_id": str(decision.id),
        "verb": f"'{verb}'",
        "side": "'sell'" if verb == "exit" else "'buy'",
        "position_ticket": ticket,
        "volume_lots": "volume_lots" if verb == "exit" else "0",
    }
    attack(order_again(**wanted))
    for more in ({"volume_lots": "4900"}, {"position_ticket": "1"}, {"side": "'any'"}):
        refused(order_again(**{**wanted, **more}), match=f"{MORE}|order_side_known")


@pytest.mark.parametrize("lots", ["volume_open_lots", "0"])
def test_a_position_without_any_deal_is_refused_also_an_empty_one(facts, lots):
    names = [one.column for one in apps.get_model("execution", "position")._meta.concrete_fields]
    kept = [name for name in names if name != "id"]
    money = dict.fromkeys(("profit", "swap", "commission", "fee", "net"), "0")
    values = money | {
        "position_ticket": "990077",
        "volume_open_lots": lots,
        "closed_at": "opened_at" if lots == "0" else "NULL",
    }
    refused(
        f"INSERT INTO execution_position ({', '.join(kept)})"
        f" SELECT {', '.join(values.get(name, name) for name in kept)}"
        " FROM execution_position WHERE closed_at IS NULL",
        match="as its order says",
    )


def test_a_deal_that_no_order_and_no_position_counted_is_refused(facts):
    names = [field.column for field in apps.get_model("execution", "deal")._meta.concrete_fields]
    kept = ", ".join(name for name in names if name not in ("id", "ticket"))
    statement = (
        f"INSERT INTO execution_deal (ticket, {kept}) SELECT ticket + 900000, {kept}"
        " FROM execution_deal WHERE {}"
    )
    for of in ("order_id IS NOT NULL", "order_id IS NULL AND profit <> 0"):
        refused(statement.replace("{}", of), match="add up to")


def test_a_deal_restated_by_a_far_later_revision_takes_nothing_out_of_a_sum(facts):
    """Its former order and position are those of any earlier revision, not of the one before."""
    names = [field.column for field in apps.get_model("execution", "deal")._meta.concrete_fields]
    kept = [name for name in names if name != "id"]
    values = {"revision": "5", "order_id": "NULL", "position_ticket": "0"}
    refused(
        f"INSERT INTO execution_deal ({', '.join(kept)})"
        f" SELECT {', '.join(values.get(name, name) for name in kept)} FROM execution_deal"
        " WHERE order_id IS NOT NULL AND entry = 'in' AND revision = 1 LIMIT 1",
        match="add up to",
    )
