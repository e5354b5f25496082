"""The SQL beside the migrations goes back and forth."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from signals.models import Alert
from tests import database
from tests.builders.signals import entry_received, strategy_built


@pytest.mark.usefixtures("committed_db")
def test_the_sql_migrations_go_down_and_up_again() -> None:
    name = connection.settings_dict["NAME"]
    with database.as_owner(), database.pointed_at(name):
        call_command("migrate", "signals", "0001", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'signals\\_%'")
            assert cursor.fetchall() == []
        call_command("migrate", "signals", verbosity=0)
        call_command("setup_roles", verbosity=0, stdout=open("/dev/null", "w"))
    entry_received(strategy_built())
    assert Alert.objects.count() == 1
