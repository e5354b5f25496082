"""On Supabase's default privileges nobody but our roles reaches anything, table by table."""

from collections.abc import Iterator
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests import database

ROLES = ("anon", "authenticated", "service_role")
_RELATIONS = """
    SELECT c.relname, c.relkind::text, (SELECT quote_ident(a.attname) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum LIMIT 1)
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"""
_CALLS = """
    SELECT p.oid::regproc::text || '(' || array_to_string(ARRAY(
        SELECT 'NULL::' || format_type(t, NULL) FROM unnest(p.proargtypes) t), ', ') || ')'
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"""
_ANY_RIGHT = """
    SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND (has_table_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE,'
            ' REFERENCES, TRIGGER')
        OR has_any_column_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))"""
_STATE = """
    SELECT 'class', oid::text, xmin::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'policy', oid::text, xmin::text FROM pg_policy
    UNION ALL SELECT 'default', oid::text, xmin::text FROM pg_default_acl
    UNION ALL SELECT 'function', oid::text, xmin::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'column', attrelid::text || attnum, xmin::text FROM pg_attribute
        WHERE attrelid > 16384
    ORDER BY 1, 2"""


@pytest.fixture(scope="module")
def supabase(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    with django_db_blocker.unblock():
        name = database.supabase_create()
    yield name
    with django_db_blocker.unblock():
        database.clone_drop(name)


@pytest.fixture
def on_supabase(supabase: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        name = database.clone_create(supabase)
        with database.pointed_at(name):
            yield
            connection.close()
        database.clone_drop(name)


# A view is emptied or written through by no role at all.
_NOBODY_CAN = (psycopg.errors.WrongObjectType, psycopg.errors.ObjectNotInPrerequisiteState)


def everything() -> list[str]:
    """A statement for each thing that can be done with each relation and function in `public`."""
    with connection.cursor() as cursor:
        cursor.execute(_RELATIONS)
        relations = cursor.fetchall()
        cursor.execute(_CALLS)
        calls = [f"SELECT {call}" for (call,) in cursor.fetchall()]
    statements = calls
    for name, kind, column in relations:
        statements.append(f"SELECT count(*) FROM {name}")
        if kind == "S":
            statements += [f"SELECT nextval('{name}')", f"SELECT setval('{name}', 1)"]
        else:
            statements += [
                f"INSERT INTO {name} DEFAULT VALUES",
                f"UPDATE {name} SET {column} = {column}",
                f"DELETE FROM {name}",
                f"TRUNCATE {name}",
            ]
    assert len(calls) > 30
    assert len(relations) > 60
    return statements


def allowed(role: str) -> list[str]:
    """What of everything the role may do; each try is undone."""
    done = []
    with database.superuser_connect() as server:
        server.execute(f"SET ROLE {role}")
        for statement in everything():
            try:
                with server.transaction(force_rollback=True):
                    server.execute(statement)
                done.append(statement)
            except psycopg.errors.InsufficientPrivilege:
                continue
            except _NOBODY_CAN:
                continue
            except psycopg.Error as error:
                done.append(f"{statement}: {error}")
    return done


def check() -> str:
    out = StringIO()
    call_command("check_database", stdout=out)
    return out.getvalue()


def test_nobody_but_our_roles_can_do_anything_not_even_with_next_months(on_supabase):
    assert check() == "database closed\n"
    # As left open again by hand: a partition is closed by what makes it.
    with database.superuser_connect() as server:
        server.execute(database.SUPABASE_DEFAULTS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT signals_delivery_partitions(4)")
        assert cursor.fetchone()[0] >= 1
    for role in ROLES:
        assert allowed(role) == []
        with connection.cursor() as cursor:
            cursor.execute(_ANY_RIGHT, {"role": role})
            assert cursor.fetchall() == []


def test_what_setup_roles_left_is_not_touched_by_running_it_again(on_supabase):
    def state() -> list[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(_STATE)
            return cursor.fetchall()

    with connection.cursor() as cursor:
        cursor.execute("SELECT signals_delivery_partitions(4)")
    before, out = state(), StringIO()
    with database.as_owner():
        call_command("setup_roles", stdout=out)
    assert out.getvalue() == "Rights of fusion_app: 0 put right.\n"
    assert state() == before


def test_what_a_later_migration_makes_is_open_to_nobody_and_closed_by_setup_roles(on_supabase):
    with database.owner_connect() as owner:
        owner.execute("CREATE TABLE signals_later (id bigint)")
        owner.execute("CREATE FUNCTION signals_later() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    for role in ROLES:
        assert allowed(role) == []
    with database.as_owner():
        call_command("setup_roles", stdout=StringIO())
    assert check() == "database closed\n"


def test_a_grant_by_mistake_shows_rows_only_to_who_passes_row_security_by(on_supabase):
    with database.superuser_connect() as server:
        server.execute("INSERT INTO auth_group (name) VALUES ('one')")
        server.execute(f"GRANT SELECT ON auth_group TO {', '.join(ROLES)}")
        seen = {}
        for role in ROLES:
            server.execute(f"SET LOCAL ROLE {role}")
            seen[role] = server.execute("SELECT count(*) FROM auth_group").fetchone()[0]
            server.execute("RESET ROLE")
        server.rollback()
    assert seen == {"anon": 0, "authenticated": 0, "service_role": 1}
