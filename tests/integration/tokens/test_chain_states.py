"""What a reading makes of a token: its state, what the ledger takes over, and who thaws it."""

import datetime as dt

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from fusion_project.events import names
from fusion_project.events.models import Event
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from tests.builders.chain import (
    BALANCE,
    SUPPLY,
    drifted,
    frozen,
    live_bound,
    live_payload,
    observations,
    reading_of,
    seen,
    unknown,
    unseen,
)
from tests.builders.people import staff_make
from tests.builders.second_person import confirm, request_confirmed
from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import draft_of
from tokens.errors import BindingInvalid, BindingNotFrozen
from tokens.models import ChainBinding
from tokens.rules.chain_states import Held
from tokens.selectors.chain import ledger_units
from tokens.services.bindings import (
    binding_check,
    release_ask,
)
from tokens.services.watching import unwatched_tell
from treasury.errors import EntryHeldBack
from treasury.models import Entry
from treasury.services.ledger import post


@pytest.mark.django_db
def test_what_the_chain_held_is_taken_over_once_in_those_very_amounts():
    bound = seen(live_bound())
    assert bound.state == "green"
    assert ledger_units(token_id=bound.token_id, book="live") == Held(SUPPLY, BALANCE)
    entry = Entry.objects.get(kind="token.opening")
    amounts = {line.account.code: line.amount for line in entry.lines.select_related("account")}
    assert amounts == {
        "Equity:Issued:DCT": 100,
        "Liabilities:Holders:DCT:Treasury": -90,
        "Liabilities:Holders:DCT:Market": -10,
    }
    seen(bound)
    assert Entry.objects.filter(kind="token.opening").count() == 1


@pytest.mark.django_db
def test_nothing_is_taken_over_where_the_chain_says_something_else():
    bound = seen(live_bound(), supply=SUPPLY + 1)
    assert bound.state == "drift"
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_units_of_a_jetton_do_not_move_without_a_transaction_on_its_chain():
    seen(live_bound())
    lines = ("Equity:Issued:DCT", "DCT", "-1"), ("Liabilities:Holders:DCT:Market", "DCT", "1")
    for kind in ("test", "token.opening", "deal"):
        with pytest.raises(EntryHeldBack, match="no transaction"), transaction.atomic():
            post(drafts=[draft_of("k", *lines, book="live", kind=kind)])


@pytest.mark.django_db
def test_supply_never_passes_the_cap_and_the_wallet_never_falls_below_nothing():
    for floor, code in ((None, "Equity:Issued:DCT"), (None, "Liabilities:Holders:DCT:Treasury")):
        with pytest.raises(IntegrityError, match="floor"), transaction.atomic():
            ledger_accounts_make(code, currency="DCT", floor=floor)
    over = 100_000_001 * 10**9
    with pytest.raises(BindingInvalid, match="capped"):
        binding_check(live_payload(opening_supply=str(over), opening_balance="0"))
    # Two people agreed on it all the same, and the chain says so: the ledger takes none of it.
    bound = live_bound(opening_supply=str(over), opening_balance=str(over))
    bound = seen(bound, supply=over, balance=over)
    assert (bound.state, "below its floor" in bound.reason) == ("frozen", True)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_the_second_unexplained_reading_freezes_and_an_incident_says_what_differs():
    bound = drifted(live_bound())
    assert (bound.state, bound.drifts_in_row) == ("drift", 1)
    bound = seen(unseen(bound), supply=SUPPLY + 1)
    assert bound.state == "frozen"
    incident = Incident.objects.get(kind=kinds.CHAIN_DRIFTS, closed_at=None)
    assert str(SUPPLY + 1) in incident.note
    told = Event.objects.filter(name=names.CHAIN_CHANGED).order_by("id")
    assert [one.detail.partition('"to":"')[2].partition('"')[0] for one in told] == [
        "green",
        "drift",
        "unknown",
        "frozen",
    ]
    # Amounts that agree again thaw nothing, and why it froze stays to be read.
    bound = seen(bound)
    assert (bound.state, bound.reason) == (
        "frozen",
        Event.objects.get(id=told[3].id) and bound.reason,
    )
    assert str(SUPPLY + 1) in bound.reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [{"admin": ""}, {"mintable": False}, {"wallet": "0:" + "66" * 32}, {"wallet_code": "99" * 32}],
)
def test_a_contract_that_changed_is_frozen_at_once_until_two_people_release_it(changed):
    bound = seen(seen(live_bound()), **changed)
    assert bound.state == "frozen"
    asker = staff_make("ops")
    request = release_ask(
        token_code="DCT", book="live", reason="as planned", actor=f"user:{asker.pk}"
    )
    bound = seen(bound, **changed)
    assert confirm(request).state == "done"
    bound.refresh_from_db()
    assert (bound.state, bound.pinned) == ("unknown", None)
    assert seen(bound, **changed).state == "green"
    with pytest.raises(BindingNotFrozen):
        release_ask(token_code="DCT", book="live", reason="x", actor=f"user:{asker.pk}")


@pytest.mark.django_db
def test_the_table_refuses_a_thaw_that_nobody_wants():
    bound = frozen(live_bound())
    rows = ChainBinding.objects.filter(id=bound.pk)
    other = request_confirmed(
        "chain.release", binding_id=bound.pk, frozen_since="2020-01-01T00:00Z"
    )
    since = bound.since.isoformat()
    unlike = request_confirmed("chain.intent", binding_id=bound.pk, frozen_since=since)
    for change in (
        {"state": "unknown", "pinned": None, "release": unlike},
        {"state": "unknown"},
        {"state": "green"},
        {"state": "unknown", "pinned": None, "release": other},
    ):
        with pytest.raises(IntegrityError, match="two people release"), transaction.atomic():
            rows.update(**change)


@pytest.mark.django_db
def test_the_table_refuses_a_state_that_was_not_seen_and_what_was_bound_stays():
    bound = unknown(live_bound())
    rows = ChainBinding.objects.filter(id=bound.pk)
    green = observations(bound)[1]
    for change in ({"state": "green"}, {"state": "green", "observation": green}):
        with pytest.raises(IntegrityError, match="last seen"), transaction.atomic():
            rows.update(**change)
    for change in (
        {"owner": "0:" + "11" * 32},
        {"master": "0:" + "11" * 32},
        {"opening_supply": 1},
        {"node_url": "https://elsewhere.example"},
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            _as_owner_update(bound, change)


def _as_owner_update(bound, change):
    (name, value), *_ = change.items()
    statement = f"UPDATE tokens_chainbinding SET {name} = '{value}' WHERE id = {bound.pk}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT test_only.as_owner(%s)", [statement])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"supply": SUPPLY - 1}, "is not green"),
        ({"balance": BALANCE + 1}, "is not green"),
        ({"admin": ""}, "is not green"),
        ({"block_at": dt.timedelta(minutes=-6)}, "is not green"),
        ({"block_at": dt.timedelta(minutes=2)}, "not made yet"),
        ({"seqno": 3}, "older"),
    ],
)
def test_the_table_refuses_an_observation_that_its_amounts_do_not_give(facts, words):
    bound = seen(live_bound())
    told = reading_of(bound)
    values = {
        "seqno": told.seqno,
        "block_at": told.block_at,
        "supply": SUPPLY,
        "balance": BALANCE,
        "admin": told.admin,
        "mintable": True,
        "wallet": told.wallet,
        "wallet_code": told.wallet_code,
    } | facts
    if isinstance(values["block_at"], dt.timedelta):
        values["block_at"] = told.block_at + values["block_at"]
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        bound.observations.create(state="green", **values)


@pytest.mark.django_db
def test_who_reads_nothing_for_five_minutes_is_told(clock):
    seen(live_bound())
    unwatched_tell()
    assert not Incident.objects.filter(kind=kinds.CHAIN_UNWATCHED).exists()
    clock.advance(minutes=7)
    unwatched_tell()
    incident = Incident.objects.get(kind=kinds.CHAIN_UNWATCHED)
    assert "DCT (live)" in incident.note
    seen(ChainBinding.objects.get())
    unwatched_tell()
    incident.refresh_from_db()
    assert incident.closed_at is not None


@pytest.mark.django_db
def test_three_failures_in_a_row_are_an_incident_that_a_reading_settles():
    bound = seen(live_bound())
    for _ in range(2):
        unseen(bound)
    assert not Incident.objects.filter(kind=kinds.CHAIN_UNKNOWN).exists()
    unseen(bound)
    incident = Incident.objects.get(kind=kinds.CHAIN_UNKNOWN)
    assert "answers 500" in incident.note
    seen(bound)
    incident.refresh_from_db()
    assert incident.closed_at is not None
