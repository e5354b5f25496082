"""Facts stay, also against the owner with ordinary triggers switched off."""

import psycopg
import pytest

from tests.builders.execution import desk_make


@pytest.mark.parametrize("table", ["execution_report", "execution_deal"])
@pytest.mark.parametrize(
    "attack",
    ["UPDATE {} SET trace_id = trace_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"],
)
def test_nor_may_their_owner_with_triggers_switched_off(
    committed_db, superuser_connection, table, attack
):
    desk_make().deal()
    superuser_connection.execute("SET session_replication_role = replica")
    with pytest.raises(psycopg.IntegrityError):
        superuser_connection.execute(attack.format(table))


def test_an_order_is_never_deleted(committed_db, superuser_connection):
    desk_make().stage()
    with pytest.raises(psycopg.IntegrityError):
        superuser_connection.execute("DELETE FROM execution_order")
