"""One database for all attacks on the ledger."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests import database
from tests.builders.treasury import ledger_accounts_make, ledger_start
from tests.factories.treasury import draft_of
from treasury.models import LedgerAccount
from treasury.services.ledger import post


@pytest.fixture(scope="module")
def ledger(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, int]]:
    """One database for all attacks: what is refused leaves no trace, and the rest rolls back."""
    with django_db_blocker.unblock():
        name = database.clone_create()
        with database.pointed_at(name):
            yield _books_make()
            connection.close()
        database.clone_drop(name)


def _books_make() -> dict[str, int]:
    """Two accounts with an entry of 5, one with a kept balance, and one of another book."""
    posted = ledger_start()
    ledger_accounts_make("Assets:Live", book="live")
    ledger_accounts_make("Assets:Euro", currency="EUR")
    ledger_accounts_make("Assets:Kept", floor=Decimal(0))
    post(drafts=[draft_of("kept", ("Assets:Kept", "USD", "5"), ("Income:Beta", "USD", "-5"))])
    return {"entry": posted.id, **dict(LedgerAccount.objects.values_list("code", "id"))}
