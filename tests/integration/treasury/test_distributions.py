"""What was earned is paid once, as two people saw it, and only where nothing stands in the way."""

import itertools
from decimal import Decimal
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command

from execution.wire import DELETED_KIND
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.second_person.services import request_carry_out, request_confirm
from tests.builders.distributing import (
    PERIOD,
    account_earning,
    bound,
    distributed,
    earned,
    person_make,
    proposed,
    restated,
    sealed,
    told,
)
from tests.builders.people import staff_make
from tests.builders.seals import Killed, killed_before
from tests.builders.second_person import confirm, request_confirmed
from tests.builders.treasury import deal_make
from treasury import errors
from treasury.models import DealPosting, Distribution, Entry
from treasury.rules.distributing import trace_of
from treasury.selectors.balances import account_balance, ledger_is_balanced
from treasury.services.control import account_check
from treasury.services.deals import deals_post
from treasury.services.distributing import preview_now
from treasury.services.revenue import revenue_ask, stream_open

pytestmark = pytest.mark.usefixtures("committed_db")

POOLS = "Liabilities:Pool:House"


def balance(code: str) -> Decimal:
    return account_balance(book="paper", code=code)


def test_a_month_is_paid_once_and_its_entry_is_what_the_second_person_saw():
    account_earning("100.57")
    request = proposed()
    assert "House 100.57 USD (realised 100.57)" in request.words
    assert f"{POOLS}:Burn:USD -20.11, " in request.words
    assert not Distribution.objects.exists()
    confirm(request)
    made = Distribution.objects.get()
    assert (made.entry.idem_key, made.entry.kind) == (
        f"dist:paper:{PERIOD}:{made.version_id}",
        "distribution",
    )
    assert balance(f"{POOLS}:Burn:USD") == Decimal("-20.11")
    assert balance(f"{POOLS}:Reward:USD") == Decimal("-30.17")
    assert balance("Equity:Retained:House:Retained:USD") == Decimal("-50.29")
    assert balance("Equity:Distributed:House:USD") == Decimal("100.57")
    event = Event.objects.get(name="distribution.made")
    assert event.trace_id == trace_of(made.entry.idem_key)
    assert event.links.get().trace_id == request.trace_id
    sealed()
    with pytest.raises(errors.NothingToDistribute, match="distributed before 100"):
        proposed(period="2026-02")
    assert ledger_is_balanced()


def test_killed_at_any_statement_it_goes_on_and_nothing_is_paid_twice():
    account_earning("100")
    request = proposed()
    request_confirm(
        request_id=request.pk, payload_sha256=request.payload_sha256, actor=person_make()
    )
    for number in itertools.count():
        try:
            with killed_before(number):
                request_carry_out(request_id=request.pk, actor="system")
        except Killed:
            assert Entry.objects.filter(kind="distribution").count() == 0
            continue
        break
    assert number > 20
    request.refresh_from_db()
    assert request.state == "done", request.outcome
    assert not request_carry_out(request_id=request.pk, actor="system")
    assert Entry.objects.filter(kind="distribution").count() == Distribution.objects.count() == 1
    assert balance("Equity:Distributed:House:USD") == 100


def test_two_proposals_of_one_month_pay_once():
    account_earning("100")
    first = proposed()
    second = proposed(period="2026-02")
    confirm(first)
    confirm(second)
    assert (first.state, second.state) == ("done", "refused")
    assert "something else" in second.outcome
    with pytest.raises(errors.LedgerRefused):
        proposed()


def test_what_stands_in_the_way_is_named_at_the_proposal_and_at_its_execution():
    account = account_earning("100")
    request = proposed()
    odd = deal_make(account, kind="unknown", entry="")
    deals_post(deal_ids=[odd.pk])
    confirm(request)
    assert request.state == "refused"
    assert f"deal {odd.ticket} of " in request.outcome
    with pytest.raises(errors.DistributionHindered, match="in quarantine"):
        proposed()


def test_an_account_that_differs_or_is_silent_is_not_green(clock):
    account = account_earning("100")
    clock.advance(minutes=3)
    with pytest.raises(errors.DistributionHindered, match="has told nothing since"):
        proposed()
    told(account)
    type(account).objects.filter(id=account.pk).update(heartbeat_at=now(), balance=Decimal(1))
    account_check(account_id=account.pk)
    with pytest.raises(errors.DistributionHindered, match="differs by"):
        proposed()


def test_open_losses_are_held_back_and_one_that_grew_needs_a_new_proposal():
    account = account_earning("100")
    told(account, floating="-30")
    request = proposed()
    assert "House 70 USD" in request.words
    told(account, floating="-31")
    confirm(request)
    assert (request.state, "lost more" in request.outcome) == ("refused", True)
    told(account, floating="500")
    assert preview_now(book="paper", policy_code="house", period=PERIOD).outcomes[0].paid == 100


def test_what_an_account_under_another_policy_loses_meanwhile_stands_in_no_way():
    account = account_earning("100")
    stream = stream_open(book="paper", name="Subs", currency="USD", digits=2, actor="system")
    bound(stream, "subscription")
    paid = {"amount": Decimal(100), "reference": "inv-1", "reason": "x", "actor": person_make()}
    confirm(revenue_ask(stream=stream, **paid))
    told(account, floating="-30")
    sealed()
    request = proposed("subscription")
    told(account, floating="-31")
    confirm(request)
    assert request.state == "done", request.outcome


def test_a_deal_restated_after_it_was_paid_fills_its_shortfall_first():
    account = account_earning("60")
    paid = earned(account, "40")
    told(account)
    sealed()
    distributed()
    restated(paid, "0")
    assert balance("Equity:Shortfall:House:USD") == 40
    assert balance("Equity:Distributed:House:USD") == 60
    earned(account, "39")
    told(account)
    sealed()
    with pytest.raises(errors.NothingToDistribute):
        proposed(period="2026-02")
    earned(account, "16")
    told(account)
    sealed()
    distributed(period="2026-02")
    assert balance("Equity:Shortfall:House:USD") == 0
    assert balance("Equity:Distributed:House:USD") == 115
    assert balance(f"{POOLS}:Burn:USD") == -23
    deals_post(deal_ids=[paid.pk])
    assert ledger_is_balanced()


def test_a_deal_deleted_after_it_was_paid_and_told_anew_is_posted_beside_its_shortfall():
    account = account_earning("60")
    paid = earned(account, "40")
    told(account)
    sealed()
    distributed()
    deleted = earned(
        account, "0", ticket=paid.ticket, revision=2, kind=DELETED_KIND, entry="", volume_lots=0
    )
    assert balance("Equity:Shortfall:House:USD") == 40
    back = restated(deleted, "-7")
    assert DealPosting.objects.get(deal=back).state == "posted"
    assert balance("Equity:Shortfall:House:USD") == 40
    assert ledger_is_balanced()


def test_an_account_counts_for_the_house_only_while_it_is_the_houses():
    account = account_earning("100")
    bound(account, "subscription")
    earned(account, "50")
    told(account)
    sealed()
    distributed("house")
    distributed("subscription")
    assert balance("Equity:Distributed:House:USD") == 100
    assert balance("Equity:Distributed:Subscription:USD") == 50
    assert balance("Liabilities:Pool:Subscription:Operations:USD") == -24


def test_revenue_is_booked_once_as_two_people_want_it_and_split_by_its_policy():
    stream = stream_open(book="paper", name="Subs", currency="USD", digits=2, actor="system")
    asked = {"stream": stream, "amount": Decimal(100), "reason": "x", "actor": person_make()}
    request = confirm(revenue_ask(reference="inv-1", **asked))
    assert request.state == "done", request.outcome
    assert balance("Income:Revenue:Subs") == -100
    with pytest.raises(errors.RevenueRefused, match="booked already"):
        revenue_ask(reference="inv-1", **asked)
    with pytest.raises(errors.AmountNotExact):
        revenue_ask(reference="inv-2", **(asked | {"amount": Decimal("0.001")}))
    sealed()
    distributed()
    assert balance(f"{POOLS}:Burn:USD") == -20


def test_the_command_shows_a_dry_run_and_proposes_and_lists():
    user = staff_make("ops").username
    account = account_earning("100")

    def run(*args: str) -> str:
        out = StringIO()
        call_command("distribution", *args, stdout=out)
        return out.getvalue()

    asked = ["--book=paper", "--policy=house", f"--period={PERIOD}"]
    shown = run("show", *asked)
    assert f"  {POOLS}:Burn:USD\t−20 USD" in shown
    assert "stands in the way" not in shown
    odd = deal_make(account, kind="unknown", entry="")
    assert f"stands in the way: deal {odd.ticket} is not posted yet" in run("show", *asked)
    deals_post(deal_ids=[odd.pk])
    with pytest.raises(CommandError, match="in quarantine"):
        run("propose", *asked, "--reason=month", f"--as={user}")
    with pytest.raises(CommandError, match="not after today"):
        run("show", *asked[:2], "--period=2999-01")
    with pytest.raises(CommandError, match="expected a month"):
        run("show", *asked[:2], "--period=last")
    assert run("list", "--book=paper") == ""


def raw_entry(connection: psycopg.Connection, key: str, sha256: str, kind: str) -> None:
    with connection.transaction():
        connection.execute(
            "INSERT INTO treasury_entry (idem_key, request_sha256, kind, book, event_at,"
            " recorded_at, source, trace_id, note, xid, cluster) VALUES (%s, %s, %s, 'paper',"
            " now(), now(), 'second_person.request:1', repeat('0', 32), '', '1', 1)",
            [key, sha256, kind],
        )


def test_the_owner_himself_posts_no_distribution_that_two_people_did_not_see(owner_connection):
    account = account_earning("100")
    request = proposed()
    asked = request.asked_for
    key, digest = asked["idem_key"], asked["entry_sha256"]
    with pytest.raises(psycopg.errors.IntegrityError, match="second person"):
        raw_entry(owner_connection, key, digest, "distribution")
    request_confirm(
        request_id=request.pk, payload_sha256=request.payload_sha256, actor=person_make()
    )
    with pytest.raises(psycopg.errors.IntegrityError, match="second person"):
        raw_entry(owner_connection, key, "0" * 64, "distribution")
    odd = deal_make(account, kind="unknown", entry="")
    deals_post(deal_ids=[odd.pk])
    with pytest.raises(psycopg.errors.IntegrityError, match="quarantine"):
        raw_entry(owner_connection, key, digest, "distribution")
    for kind in ("units.issue", "units.redeem", "units.pay", "revenue.record"):
        with pytest.raises(psycopg.errors.IntegrityError, match="by hand"):
            raw_entry(owner_connection, f"{kind}:1", digest, kind)


def test_a_cut_off_that_is_not_sealed_is_refused_by_the_database(owner_connection):
    account = account_earning("100")
    late = earned(account, "5")
    request = proposed()
    cutoff = Entry.objects.get(deal_posting__deal=late).pk
    wanted = request.asked_for | {"cutoff_id": cutoff}
    request_confirmed("distribution.make", **wanted)
    with pytest.raises(psycopg.errors.IntegrityError, match="is not sealed yet"):
        raw_entry(owner_connection, wanted["idem_key"], wanted["entry_sha256"], "distribution")
