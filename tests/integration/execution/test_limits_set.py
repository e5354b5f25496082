"""Limits are set by appending: one person makes them stricter, two raise them."""

from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from execution.errors import LimitInvalid, LimitRaiseUnconfirmed
from execution.models import RiskLimit
from execution.risk.limits import LIMITS, Scope, is_looser
from execution.selectors.limits import limits_newest
from execution.services.limit_requests import LIMITS_RAISE, limits_raise_ask
from execution.services.limits import LimitScope, limits_set
from fusion_project.events.models import Event
from fusion_project.second_person.errors import OwnRequest
from fusion_project.second_person.models import Request
from fusion_project.second_person.services import request_confirm
from tests.builders.execution import account_set, desk_make
from tests.builders.risk import limit_set
from tests.builders.second_person import confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def alone(desk, **values):
    """What one person may do."""
    of = LimitScope(Scope.ACCOUNT, account_id=desk.account.id)
    told = {name: None if one is None else Decimal(one) for name, one in values.items()}
    return limits_set(of=of, values=told, actor="user:1")


def run(name: str, *args, **options) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


# Setting them.


def test_a_limit_is_a_row_for_each_version_and_an_event(desk) -> None:
    alone(desk, leverage_max=20)
    (row,) = alone(desk, leverage_max=10)
    assert (row.version, row.value) == (2, 10)
    assert RiskLimit.objects.filter(account=desk.account).count() == 2
    event = Event.objects.filter(name="limits.changed").latest("id")
    assert (event.actor, event.subject) == ("user:1", f"execution.limit:{row.id}")
    assert '"was":"20"' in event.detail.replace(".0000000000", "")
    assert alone(desk, leverage_max=10) == []


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"leverage_max": 20}, {"leverage_max": 21}),
        ({"leverage_max": 20}, {"leverage_max": None}),
        ({"cool_off_seconds_min": 60}, {"cool_off_seconds_min": 59}),
    ],
)
def test_one_person_raises_no_limit_and_the_table_says_the_same(desk, first, then) -> None:
    (before,) = alone(desk, **first)
    with pytest.raises(LimitRaiseUnconfirmed):
        alone(desk, **then)
    ((name, value),) = then.items()
    with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
        RiskLimit.objects.create(
            scope="account",
            account=desk.account,
            name=name,
            value=value,
            version=2,
            at=before.at,
            actor="user:1",
        )
    (row,) = limit_set(desk, **then)
    assert row.version == 2
    assert row.request.kind == LIMITS_RAISE


def test_the_first_limits_of_a_live_account_take_two_people(desk) -> None:
    account_set(desk.account, book="live")
    with pytest.raises(LimitRaiseUnconfirmed):
        alone(desk, leverage_max=1)
    with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
        RiskLimit.objects.create(
            scope="account",
            account=desk.account,
            name="leverage_max",
            value=1,
            version=1,
            at=desk.account.created_at,
            actor="user:1",
        )


@pytest.mark.parametrize(
    "values",
    [
        {"moon_phase_max": 1},
        {"leverage_max": -1},
        {"leverage_max": "NaN"},
        {"leverage_max": "1e13"},
        {"leverage_max": "0.00000000001"},
    ],
)
def test_a_limit_that_cannot_be_is_refused_and_nothing_is_set(desk, values) -> None:
    count = RiskLimit.objects.count()
    with pytest.raises(LimitInvalid):
        alone(desk, open_positions_max=3, **values)
    assert RiskLimit.objects.count() == count


def test_versions_go_up_by_one_and_rows_are_kept(desk) -> None:
    (row,) = alone(desk, leverage_max=20)
    with pytest.raises(IntegrityError, match="may not follow"), transaction.atomic():
        RiskLimit.objects.create(
            scope="account",
            account=desk.account,
            name="leverage_max",
            value=1,
            version=3,
            at=row.at,
            actor="user:1",
        )
    for change in (lambda rows: rows.update(value=1), lambda rows: rows.delete()):
        with pytest.raises(Exception, match="execution_risklimit"), transaction.atomic():
            change(RiskLimit.objects.filter(id=row.id))


def test_the_table_and_the_rule_agree_on_what_is_looser() -> None:
    samples = [None, Decimal(0), Decimal(1), Decimal(2)]
    with connection.cursor() as cursor:
        for name in LIMITS:
            for old in samples:
                for new in samples:
                    cursor.execute("SELECT execution_limit_is_looser(%s, %s, %s)", [name, old, new])
                    assert cursor.fetchone()[0] == is_looser(name, old, new), (name, old, new)


def test_a_fresh_database_bounds_every_account() -> None:
    newest = {row.name: row for row in limits_newest(RiskLimit.objects.filter(scope="all"))}
    assert {"leverage_max", "open_risk_pct_max", "price_drift_bps_max"} <= set(newest)
    assert {row.actor for row in newest.values()} == {"system"}


# The commands.


def test_limits_are_set_and_listed_by_command(desk) -> None:
    User.objects.create_user("anna", is_staff=True)
    login = desk.account.login
    options = {"account": login, "as_user": "anna", "note": "cautious"}
    said = run("risk_limits", "set", "leverage_max=5", **options)
    assert "1 of 1 changed" in said
    listed = run("account_limits", login)
    assert f"account {login}\tleverage_max=5\tversion 1" in listed
    assert "all\tleverage_max" not in listed
    assert "all\tleverage_max=" in run("risk_limits", "list")
    assert "2 of 2" in run(
        "account_limits", login, "leverage_max=4", "spread_bps_max=9", as_user="anna"
    )


@pytest.mark.parametrize(
    ("args", "options", "says"),
    [
        (["set", "leverage_max=5"], {"as_user": "anna"}, "what they hold for"),
        (["set"], {"as_user": "anna", "all": True}, "at least one"),
        (["set", "leverage_max=5"], {"all": True}, "--as"),
        (["set", "leverage_max=5"], {"all": True, "as_user": "nobody"}, "no member of staff"),
        (["set", "leverage_max=x"], {"all": True, "as_user": "anna"}, "no number"),
        (["set", "moon=1"], {"all": True, "as_user": "anna"}, "no limit"),
        (["set", "leverage_max=101"], {"all": True, "as_user": "anna"}, "second person"),
        (["list"], {"account": "none"}, "no account"),
        (["list"], {"strategy": "none"}, ""),
    ],
)
def test_the_command_says_what_is_wrong(args, options, says) -> None:
    User.objects.create_user("anna", is_staff=True)
    with pytest.raises(CommandError, match=says):
        run("risk_limits", *args, **options)


def test_a_raise_is_asked_by_one_and_done_once_another_confirms(desk) -> None:
    anna = f"user:{User.objects.create_user('anna', is_staff=True).pk}"
    of = LimitScope(Scope.ACCOUNT, account_id=desk.account.id)
    limits_set(of=of, values={"leverage_max": Decimal(5)}, actor=anna)
    with pytest.raises(CommandError, match="--note"):
        run("account_limits", desk.account.login, "leverage_max=9", as_user="anna")
    said = run("account_limits", desk.account.login, "leverage_max=9", as_user="anna", note="more")
    assert "waits for a second person" in said
    assert "leverage_max from 5 to 9" in said
    request = Request.objects.get(kind=LIMITS_RAISE)
    with pytest.raises(OwnRequest):
        request_confirm(request_id=request.pk, payload_sha256=request.payload_sha256, actor=anna)
    assert confirm(request).state == "done"
    newest = RiskLimit.objects.filter(name="leverage_max", scope="account").latest("version")
    assert (newest.value, newest.request_id) == (9, request.pk)


def test_a_raise_is_refused_where_the_limit_was_set_since_it_was_asked(desk) -> None:
    anna = f"user:{User.objects.create_user('anna', is_staff=True).pk}"
    of = LimitScope(Scope.ACCOUNT, account_id=desk.account.id)
    limits_set(of=of, values={"leverage_max": Decimal(5)}, actor=anna)
    values = {"leverage_max": Decimal(9)}
    request = limits_raise_ask(of=of, values=values, reason="more", actor=anna)
    limits_set(of=of, values={"leverage_max": Decimal(3)}, actor=anna)
    assert confirm(request).state == "refused"
    newest = RiskLimit.objects.filter(name="leverage_max", scope="account").latest("version")
    assert newest.value == 3
