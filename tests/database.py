"""Test databases: one migrated template a run, cloned in tens of milliseconds.

Append-only tables refuse TRUNCATE, so nothing is ever flushed: a test that commits gets a clone
of its own. The template's `events_now()` can be moved by tests.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

TEMPLATE = os.environ.get("FUSION_TEST_TEMPLATE", "fusion_template")

_MOVABLE_CLOCK = """
    CREATE TABLE test_only.test_clock (shift interval NOT NULL, frozen_at timestamptz);
    INSERT INTO test_only.test_clock VALUES ('0', NULL);
    GRANT SELECT, UPDATE ON test_only.test_clock TO fusion_app;
    CREATE OR REPLACE FUNCTION events_now() RETURNS timestamptz LANGUAGE sql VOLATILE
        SET search_path = pg_catalog
        AS $$ SELECT COALESCE(frozen_at, clock_timestamp()) + shift FROM test_only.test_clock $$;
"""
_SUPABASE_ROLES = {"anon": "", "authenticated": "", "service_role": "BYPASSRLS"}
SUPABASE_DEFAULTS = "GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;" + "".join(
    f"ALTER DEFAULT PRIVILEGES FOR ROLE fusion_owner IN SCHEMA public GRANT ALL ON {kind}"
    " TO anon, authenticated, service_role;"
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS")
)
_OWNERS_HAND = """
    CREATE SCHEMA test_only;
    GRANT USAGE ON SCHEMA test_only TO fusion_app;
    CREATE FUNCTION test_only.as_owner(p_statement text) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public
        AS $$ BEGIN EXECUTE p_statement; END $$;
    GRANT EXECUTE ON FUNCTION test_only.as_owner(text) TO fusion_app;
"""


def _superuser() -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(os.environ["FUSION_TEST_SUPERUSER_URL"], autocommit=True)


def template_ensure() -> None:
    """Make the template once a run; parallel workers wait for the first."""
    with _superuser() as server:
        server.execute("SELECT pg_advisory_lock(7001)")
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if found.fetchone() is None:
            building = f"{TEMPLATE}_building"
            _create(server, building, "template1")
            _migrate(building)
            with as_owner(), pointed_at(building), connections["default"].cursor() as cursor:
                cursor.execute(_OWNERS_HAND)
                cursor.execute(_MOVABLE_CLOCK)
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(building), sql.Identifier(TEMPLATE)
                )
            )
        server.execute("SELECT pg_advisory_unlock(7001)")


def _migrate(name: str) -> None:
    with as_owner(), pointed_at(name):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("setup_roles", stdout=io.StringIO())


def _create(server: psycopg.Connection[tuple[object, ...]], name: str, template: str) -> None:
    server.execute(
        sql.SQL("CREATE DATABASE {} OWNER fusion_owner TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def clone_create(template: str = TEMPLATE) -> str:
    """A fresh copy of the template; returns its name."""
    name = f"fusion_test_{uuid4().hex[:12]}"
    with _superuser() as server:
        _create(server, name, template)
    return name


def migrated_create() -> str:
    """A database of its own as production has it, with the true clock; returns its name."""
    name = empty_create()
    _migrate(name)
    return name


def restored_create(dump: str) -> str:
    """A database from the text of a dump, owned as production has it; returns its name."""
    name = empty_create()
    with pointed_at(name), owner_connect() as owner:
        owner.execute(dump)
    return name


def supabase_create() -> str:
    """Migrated as on Supabase, whose default privileges open what migrations make."""
    name = empty_create()
    with pointed_at(name), superuser_connect() as server:
        server.execute("SELECT pg_advisory_xact_lock(7002)")  # roles belong to the whole cluster
        for role, attribute in _SUPABASE_ROLES.items():
            found = server.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            if found is None:
                server.execute(f"CREATE ROLE {role} NOLOGIN {attribute}")
        server.execute(SUPABASE_DEFAULTS)
    _migrate(name)
    return name


def empty_create() -> str:
    """A database with nothing in it; returns its name."""
    name = f"fusion_test_{uuid4().hex[:12]}"
    with _superuser() as server:
        _create(server, name, "template1")
    return name


def clone_drop(name: str) -> None:
    with _superuser() as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Every connection of this process, of any thread, goes to this database inside."""
    settings = connections["default"].settings_dict
    before = settings["NAME"]
    connections["default"].close()
    settings["NAME"] = name
    try:
        yield
    finally:
        connections["default"].close()
        settings["NAME"] = before


@contextmanager
def as_owner() -> Iterator[None]:
    """Connections made inside use the owner's role."""
    settings = connections["default"].settings_dict
    owner = conninfo_to_dict(os.environ["DATABASE_DIRECT_URL"])
    before = settings["USER"], settings["PASSWORD"]
    connections["default"].close()
    settings["USER"], settings["PASSWORD"] = owner["user"], owner["password"]
    try:
        yield
    finally:
        connections["default"].close()
        settings["USER"], settings["PASSWORD"] = before


@contextmanager
def owner_writes() -> Iterator[None]:
    """Changes made inside, in the open transaction, are the owner's: triggers judge, rights do not.

    For what the app's role has no right to: to see the table's own rule, or to set a stage.
    """
    with connections["default"].execute_wrapper(_as_owner):
        yield


def _as_owner(
    execute: Callable[..., Any], statement: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if not statement.startswith(("UPDATE", "DELETE")):
        return execute(statement, params, many, context)
    with psycopg.ClientCursor(connections["default"].connection) as cursor:
        whole = cursor.mogrify(statement, params)
    return execute("SELECT test_only.as_owner(%s)", [whole], many, context)


def owner_connect() -> psycopg.Connection[tuple[object, ...]]:
    """A raw connection as the owner to the database in use now."""
    name = connections["default"].settings_dict["NAME"]
    return psycopg.connect(os.environ["DATABASE_DIRECT_URL"], dbname=name)


def superuser_connect() -> psycopg.Connection[tuple[object, ...]]:
    """A raw connection as the cluster's superuser to the database in use now."""
    name = connections["default"].settings_dict["NAME"]
    return psycopg.connect(os.environ["FUSION_TEST_SUPERUSER_URL"], dbname=name)
