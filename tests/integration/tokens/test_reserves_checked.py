"""`manage.py ledger_check` and the page of the seal know the epochs of reserves."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.builders.reserves import owed_make
from tokens.services.reserves import reserves_snapshot

pytestmark = pytest.mark.usefixtures("committed_db")


def test_ledger_check_names_an_epoch_whose_leaf_a_superuser_has_changed(superuser_connection):
    owed_make()
    reserves_snapshot(book="paper", actor="system")
    call_command("ledger_check", "--no-hashes", stdout=StringIO())
    with superuser_connection.transaction():
        superuser_connection.execute("ALTER TABLE tokens_reserveleaf DISABLE TRIGGER ALL")
        superuser_connection.execute("UPDATE tokens_reserveleaf SET amount = 9 WHERE place = 0")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("ledger_check", "--no-hashes", stdout=out)
    assert "epoch 1 of the paper book: leaves of DAI do not give" in out.getvalue()
