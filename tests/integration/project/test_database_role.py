"""A site that others can reach works as the app's role alone."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from tests import database


@pytest.fixture(autouse=True)
def _checked(committed_db, settings) -> None:
    settings.DATABASE_ROLE_IS_CHECKED = True
    connection.close()


def asks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return int(cursor.fetchone()[0])


def test_the_apps_role_works() -> None:
    assert asks() == 1
    assert connection.get_autocommit()


def test_the_owner_is_refused() -> None:
    with database.as_owner(), pytest.raises(ImproperlyConfigured, match="fusion_owner, who owns"):
        asks()


def test_whoever_belongs_to_the_owner_is_refused(superuser_connection) -> None:
    for inherits in ("TRUE", "FALSE"):  # without, one SET ROLE away
        superuser_connection.execute(f"GRANT fusion_owner TO fusion_app WITH INHERIT {inherits}")
        superuser_connection.commit()
        try:
            with pytest.raises(ImproperlyConfigured, match="fusion_app, who owns"):
                asks()
        finally:
            superuser_connection.execute("REVOKE fusion_owner FROM fusion_app")
            superuser_connection.commit()


def test_a_superuser_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # `as_owner` connects by this address.
    monkeypatch.setenv("DATABASE_DIRECT_URL", os.environ["FUSION_TEST_SUPERUSER_URL"])
    with database.as_owner(), pytest.raises(ImproperlyConfigured, match="postgres, who is a super"):
        asks()


def test_a_superuser_who_puts_on_the_apps_role_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address may say `options=-c role=fusion_app`; SET ROLE NONE would undo it."""
    monkeypatch.setenv("DATABASE_DIRECT_URL", os.environ["FUSION_TEST_SUPERUSER_URL"])
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "options", "-c role=fusion_app")
    with database.as_owner(), pytest.raises(ImproperlyConfigured, match="postgres, who is a super"):
        asks()
