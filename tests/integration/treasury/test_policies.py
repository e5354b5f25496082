"""Who gets what changes by two people, from now on, and never twice at a time."""

import datetime as dt
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from fusion_project.events.clock import now
from tests.builders.distributing import bound, person_make
from tests.builders.people import staff_make
from tests.builders.second_person import confirm, request_confirmed
from tests.builders.tokens import position_make
from tests.builders.treasury import broker_account_make
from tests.factories.tokens import DCT_PARAMETERS
from tests.factories.treasury import MOMENT
from tokens.models import PositionAward
from tokens.selectors.supply import accrual_get
from tokens.services.positions import position_post
from tokens.services.rules import rule_ask
from treasury import errors
from treasury.models import PolicyBinding, PolicyVersion
from treasury.selectors.policies import policy_code_of, policy_get, version_in_force
from treasury.services.policies import policy_ask

pytestmark = pytest.mark.django_db

SHARES = {"payout": 6_000, "reinvest": 2_000, "fee": 2_000}


def ask(**facts):
    wanted = {
        "policy_code": "investor",
        "bps": SHARES,
        "valid_from": None,
        "reason": "vote",
        "actor": person_make(),
    }
    return policy_ask(**(wanted | facts))


def in_force(code: str, at=None) -> PolicyVersion:
    return version_in_force(policy=policy_get(code), at=at or now())


def test_three_policies_come_with_shares_that_sum():
    told = {
        one.policy.code: [one.bps[name] for name in one.policy.shares]
        for one in PolicyVersion.objects.select_related("policy")
    }
    assert told == {
        "house": [2_000, 3_000, 5_000],
        "investor": [6_400, 1_600, 2_000],
        "subscription": [4_800, 3_200, 2_000],
    }


def test_two_people_change_a_policy_and_the_version_before_it_ends(clock):
    clock.advance(seconds=1)
    request = confirm(ask())
    assert request.state == "done", request.outcome
    assert request.words.startswith("Basis points of policy investor from its confirmation on: ")
    assert "payout 6000 (now 6400)" in request.words
    newest = in_force("investor", now() + dt.timedelta(seconds=1))
    assert (newest.version, newest.bps) == (2, SHARES)
    assert PolicyVersion.objects.get(policy=newest.policy, version=1).valid_until == (
        newest.valid_from
    )


def test_a_version_between_two_ends_where_the_later_one_begins():
    later, sooner = now() + dt.timedelta(days=9), now() + dt.timedelta(days=4)
    for moment in (later, sooner):
        assert confirm(ask(valid_from=moment)).state == "done"
    rows = PolicyVersion.objects.filter(policy__code="investor").order_by("valid_from")
    dates = list(rows.values_list("valid_from", "valid_until"))
    assert dates[1:] == [(sooner, later), (later, None)]
    assert dates[0][1] == sooner


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"bps": SHARES | {"fee": 2_001}}, errors.PolicyInvalid),
        ({"bps": {"payout": 8_000, "fee": 2_000}}, errors.PolicyInvalid),
        ({"policy_code": "house"}, errors.PolicyInvalid),
        ({"policy_code": "nobody"}, errors.PolicyUnknown),
        ({"valid_from": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, errors.PolicyBackdated),
    ],
)
def test_what_is_no_policy_is_refused_with_a_4xx(facts, error):
    with pytest.raises(error) as refused:
        ask(**facts)
    assert 400 <= refused.value.status < 500


def version_insert(request=None, **facts) -> None:
    row = {
        "policy": policy_get("investor"),
        "version": 2,
        "bps": SHARES,
        "valid_from": now() + dt.timedelta(hours=1),
        "recorded_at": now(),
        "request": request,
    } | facts
    with transaction.atomic():
        PolicyVersion.objects.create(**row)


def wanted(bps=SHARES):
    return request_confirmed("policy.change", policy="investor", bps=bps, valid_from=None)


def test_the_table_refuses_what_two_people_did_not_want():
    for request in (None, wanted(SHARES | {"payout": 1}), request_confirmed("policy.bind")):
        with pytest.raises(IntegrityError, match="second person"):
            version_insert(request)


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        ({"bps": SHARES | {"fee": 1_999}}, "treasury_policyversion_sum"),
        ({"bps": SHARES | {"payout": "6000"}}, "treasury_policyversion_sum"),
        ({"bps": {"payout": 8_000, "fee": 2_000}}, "has the shares"),
        ({"valid_from": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "from now on"),
        ({}, "never_overlaps"),
    ],
)
def test_the_table_refuses_sums_dates_and_overlaps(facts, match):
    with pytest.raises(IntegrityError, match=match):
        version_insert(wanted(facts.get("bps", SHARES)), **facts)


@pytest.mark.parametrize(
    "change",
    [
        "valid_until = now() - interval '1 day'",
        "valid_until = NULL",
    ],
)
def test_the_end_of_a_version_is_not_moved_into_the_past_or_away(change):
    with (
        pytest.raises(IntegrityError, match="ends now or later"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE treasury_policyversion SET {change}")


def test_the_house_follows_the_rule_of_dct():
    parameters = DCT_PARAMETERS | {"burn_bps": 1_000, "reward_bps": 4_000, "retained_bps": 5_000}
    since = now() + dt.timedelta(hours=1)
    asked = rule_ask(
        token_code="DCT", parameters=parameters, valid_from=since, reason="x", actor=person_make()
    )
    assert confirm(asked).state == "done"
    assert in_force("house").version == 1
    newest = in_force("house", since)
    assert newest.bps == {"burn": 1_000, "reward": 4_000, "retained": 5_000}
    assert newest.request == asked


def test_an_account_is_under_one_policy_at_a_time_and_the_table_says_the_same():
    account = broker_account_make()
    assert policy_code_of(account_id=account.pk, at=now()) == "house"
    bound(account, "subscription")
    bound(account, "investor")
    codes = PolicyBinding.objects.order_by("id").values_list("policy__code", "valid_until")
    assert [code for code, _ in codes] == ["subscription", "investor"]
    assert policy_code_of(account_id=account.pk, at=now()) == "investor"
    request = request_confirmed(
        "policy.bind", policy="house", account_id=account.pk, stream_id=None
    )
    with pytest.raises(IntegrityError, match="account_never_overlaps"), transaction.atomic():
        PolicyBinding.objects.create(
            policy=policy_get("house"),
            account=account,
            valid_from=now() + dt.timedelta(days=1),
            recorded_by="system",
            request=request,
        )


def test_a_binding_that_two_people_did_not_want_is_refused_by_the_table():
    account, other = broker_account_make(), broker_account_make()
    for_other = request_confirmed(
        "policy.bind", policy="investor", account_id=other.pk, stream_id=None
    )
    for request in (None, for_other):
        with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
            PolicyBinding.objects.create(
                policy=policy_get("investor"),
                account=account,
                valid_from=now(),
                recorded_by="system",
                request=request,
            )


def test_an_account_under_another_policy_makes_no_dct_accrual(clock):
    clock.set(MOMENT - dt.timedelta(hours=1))
    account = broker_account_make()
    bound(account, "investor")
    clock.set(MOMENT + dt.timedelta(hours=1))
    position = position_make(account)
    position_post(position_id=position.pk)
    award = PositionAward.objects.get(token__code="DCT")
    assert (award.amount, award.entry) == (0, None)
    assert "policy investor" in award.reason
    assert set(accrual_get(book="paper", currency="USD").values()) == {Decimal(0)}
    assert PositionAward.objects.exclude(entry=None).count() == 2


def test_the_command_lists_asks_and_binds():
    user = staff_make("ops").username
    account = broker_account_make()

    def run(*args: str) -> str:
        out = StringIO()
        call_command("policy", *args, stdout=out)
        return out.getvalue()

    assert "investor\t1\tfrom " in run("list")
    by = ["--reason=vote", f"--as={user}"]
    said = run("ask", "investor", "payout=6000", "reinvest=2000", "fee=2000", *by)
    assert "waits for a second person" in said
    said = run("bind", "investor", "--book=paper", f"--source={account.name}", *by)
    assert f"{account} is under policy investor" in said
    with pytest.raises(CommandError, match="10000"):
        run("ask", "investor", "payout=6000", "reinvest=2000", "fee=1", *by)
    with pytest.raises(CommandError, match="no account and no stream"):
        run("bind", "investor", "--book=live", f"--source={account.name}", *by)
