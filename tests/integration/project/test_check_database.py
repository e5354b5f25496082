"""`manage.py check_database` names each fault on a line of its own, with what to run."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from tests.database import as_owner

pytestmark = pytest.mark.usefixtures("committed_db")

_REPAIRED = [
    (
        "GRANT SELECT ON execution_executorkey TO PUBLIC",
        "table execution_executorkey: PUBLIC may SELECT;",
    ),
    (
        "GRANT UPDATE (password) ON auth_user TO {stranger}",
        "table auth_user: {stranger} may UPDATE;",
    ),
    (
        "GRANT USAGE ON SEQUENCE events_event_id_seq TO {stranger}",
        "sequence events_event_id_seq: {stranger} may USAGE;",
    ),
    (
        "GRANT EXECUTE ON FUNCTION treasury_post TO PUBLIC",
        "function treasury_post(text,text,text[]): PUBLIC may EXECUTE;",
    ),
    (
        "ALTER DEFAULT PRIVILEGES FOR ROLE fusion_owner IN SCHEMA public"
        " GRANT INSERT ON TABLES TO {stranger}",
        "default privileges of fusion_owner: {stranger} may INSERT on tables",
    ),
    (
        "ALTER DEFAULT PRIVILEGES FOR ROLE fusion_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
        "default privileges of fusion_owner: PUBLIC may EXECUTE on functions",
    ),
    ("GRANT CREATE ON SCHEMA public TO PUBLIC", "schema public: PUBLIC may CREATE in it;"),
    (
        "ALTER TABLE signals_alert DISABLE ROW LEVEL SECURITY",
        "table signals_alert: row security is off;",
    ),
    (
        "CREATE POLICY readable ON signals_alert FOR SELECT TO {stranger} USING (true)",
        "readable for {stranger}",
    ),
    (
        "DROP POLICY our_roles ON events_event",
        "table events_event: its policies are not ours alone (it has none);",
    ),
    (
        "CREATE TABLE signals_later (id bigint);ALTER TABLE signals_later OWNER TO fusion_owner",
        "table signals_later: row security is off;",
    ),
    (
        "GRANT UPDATE ON treasury_line TO fusion_app",
        "table treasury_line: fusion_app may also UPDATE;",
    ),
    (
        "REVOKE INSERT ON signals_alert FROM fusion_app",
        "table signals_alert: fusion_app may not INSERT;",
    ),
    (
        "REVOKE EXECUTE ON FUNCTION events_now() FROM fusion_app",
        "function events_now(): fusion_app may not EXECUTE;",
    ),
    (
        "GRANT EXECUTE ON FUNCTION signals_delivery_protect(text) TO fusion_app",
        "function signals_delivery_protect(text): fusion_app may also EXECUTE;",
    ),
]
_LEFT_TO_A_PERSON = [
    (
        "ALTER TABLE events_event DISABLE TRIGGER events_event_keeps_rows;"
        "ALTER TABLE events_event ENABLE TRIGGER events_event_keeps_rows",
        "table events_event: trigger events_event_keeps_rows does not fire in replica mode;"
        " run ALTER TABLE events_event ENABLE ALWAYS TRIGGER events_event_keeps_rows",
    ),
    (
        "ALTER TABLE execution_deal DISABLE TRIGGER execution_deal_keeps_rows",
        "table execution_deal: trigger execution_deal_keeps_rows is off;",
    ),
    ("ALTER TABLE execution_deal DISABLE TRIGGER ALL", "table execution_deal: foreign key"),
    (
        "CREATE TABLE signals_later (id bigint)",
        "table signals_later: postgres owns it, not fusion_owner;",
    ),
    (
        "CREATE FUNCTION signals_later() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "function signals_later(): postgres owns it, not fusion_owner;",
    ),
    (
        "ALTER TABLE signals_alert OWNER TO {stranger}",
        "table signals_alert: {stranger} owns it, not fusion_owner;"
        " run as {stranger}: ALTER TABLE signals_alert OWNER TO fusion_owner",
    ),
]


@pytest.fixture
def stranger(superuser_connection):
    """A role of its own: roles belong to the whole cluster, and tests run beside each other."""
    name = f"stranger_{uuid4().hex[:12]}"
    superuser_connection.execute(f"CREATE ROLE {name}")
    superuser_connection.commit()
    yield name
    superuser_connection.rollback()
    superuser_connection.execute(f"REASSIGN OWNED BY {name} TO fusion_owner")
    superuser_connection.execute(f"DROP OWNED BY {name}")
    superuser_connection.execute(f"DROP ROLE {name}")
    superuser_connection.commit()


def plant(superuser, statements: str) -> None:
    for statement in statements.split(";"):
        superuser.execute(statement)
    superuser.commit()


def findings(*options: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("check_database", *options, stdout=out)
    assert failure.value.returncode == 1
    return out.getvalue()


def setup_roles(*options: str) -> None:
    with as_owner():
        call_command("setup_roles", *options, stdout=StringIO(), stderr=StringIO())


def is_closed() -> bool:
    out = StringIO()
    call_command("check_database", stdout=out)
    return out.getvalue() == "database closed\n"


def test_a_closed_database_is_called_closed_by_app_and_owner():
    assert is_closed()
    with as_owner():
        assert is_closed()


@pytest.mark.parametrize(("statements", "line"), _REPAIRED)
def test_each_fault_is_named_and_put_right_by_setup_roles(
    superuser_connection, stranger, statements, line
):
    plant(superuser_connection, statements.format(stranger=stranger))
    found = findings()
    assert line.format(stranger=stranger) in found
    assert "run DATABASE_ROLE=owner manage.py setup_roles\n" in found
    setup_roles()
    assert is_closed()


@pytest.mark.parametrize(("statements", "line"), _LEFT_TO_A_PERSON)
def test_what_a_person_must_look_at_is_named_and_left(
    superuser_connection, stranger, statements, line
):
    plant(superuser_connection, statements.format(stranger=stranger))
    assert line.format(stranger=stranger) in findings()
    setup_roles()
    assert line.format(stranger=stranger) in findings()


@pytest.mark.parametrize(
    ("power", "line"),
    [
        ("ALTER ROLE {stranger} BYPASSRLS", "role {stranger}: no grant or policy holds it"),
        ("GRANT fusion_owner TO {stranger}", "role {stranger}: may do all that fusion_owner may"),
    ],
)
def test_an_app_role_with_too_much_power_is_named(superuser_connection, stranger, power, line):
    plant(superuser_connection, power.format(stranger=stranger))
    setup_roles("--role", stranger)
    with as_owner():
        assert line.format(stranger=stranger) in findings("--role", stranger)


def test_tables_of_other_people_are_left_alone(superuser_connection, stranger):
    plant(
        superuser_connection,
        f"GRANT CREATE ON SCHEMA public TO {stranger};SET ROLE {stranger};"
        "CREATE TABLE theirs (id bigint);GRANT SELECT ON theirs TO PUBLIC;RESET ROLE;"
        f"REVOKE CREATE ON SCHEMA public FROM {stranger}",
    )
    assert is_closed()
    setup_roles()
    seen = superuser_connection.execute("SELECT has_table_privilege('public', 'theirs', 'SELECT')")
    assert seen.fetchone() == (True,)


def test_without_the_apps_role_only_what_is_open_is_closed(superuser_connection):
    with pytest.raises(CommandError, match="CREATE ROLE nobody_here"):
        setup_roles("--role", "nobody_here")
    plant(superuser_connection, "GRANT SELECT ON auth_user TO PUBLIC")
    setup_roles("--role", "nobody_here", "--if-exists")
    with as_owner():
        out = StringIO()
        call_command("check_database", "--role", "nobody_here", stdout=out)
    assert out.getvalue() == "database closed\n"
