"""An entry is taken back by two people; deals in quarantine are tried again by one."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from fusion_project.second_person.models import Request
from fusion_project.second_person.services import request_carry_out, request_confirm
from tests.builders.people import staff_make
from tests.builders.second_person import confirm
from tests.builders.treasury import (
    broker_account_make,
    deal_make,
    entry_taken_back,
    ledger_start,
)
from treasury import errors
from treasury.models import DealPosting, Entry
from treasury.selectors.balances import account_balance
from treasury.services.deals import deals_post
from treasury.services.reversing import reversal_ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return staff_make("ops")


def run(name: str, *args: str, **options) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


def test_the_command_asks_and_a_second_person_takes_the_entry_back(person):
    posted = ledger_start()
    said = run("entry_reverse", str(posted.id), reason="posted twice", as_user=person.username)
    assert "waits for a second person" in said
    assert "Assets:Alpha 5 USD" in said
    assert not Entry.objects.filter(reverses=posted.id).exists()
    request = confirm(Request.objects.get())
    mirror = Entry.objects.get(reverses=posted.id)
    assert request.outcome == f"reversed by entry {mirror.pk}"
    assert mirror.note == "posted twice"
    assert account_balance(book="paper", code="Assets:Alpha") == 0


def test_what_is_reversed_is_not_asked_for_again(person):
    posted = ledger_start()
    actor = f"user:{person.pk}"
    confirm(reversal_ask(entry_id=posted.id, reason="why", actor=actor))
    mirror = Entry.objects.get(reverses=posted.id)
    for entry_id in (posted.id, mirror.pk):
        with pytest.raises(errors.EntryAlreadyReversed):
            reversal_ask(entry_id=entry_id, reason="again", actor=actor)
    with pytest.raises(CommandError, match="no entry"):
        run("entry_reverse", "999999", reason="why", as_user=person.username)


def test_of_two_requests_for_one_entry_the_second_is_kept_with_its_reason(person):
    posted = ledger_start()
    first = reversal_ask(entry_id=posted.id, reason="why", actor=f"user:{person.pk}")
    request_confirm(
        request_id=first.pk,
        payload_sha256=first.payload_sha256,
        actor=f"user:{staff_make('ops').pk}",
    )
    entry_taken_back(posted.id)
    request_carry_out(request_id=first.pk, actor="handler:second_person.carry_out")
    first.refresh_from_db()
    assert (first.state, Entry.objects.count()) == ("refused", 2)
    assert "reversed already" in first.outcome


def test_deals_in_quarantine_are_tried_again_and_what_stays_is_named(person):
    account = broker_account_make()
    held = deal_make(account, kind="unknown", entry="")
    deals_post(deal_ids=[held.pk])
    said = run("deals_post_again", as_user=person.username)
    assert said.splitlines()[0] == "posted again: 0 of 1"
    assert f"deal {held.ticket}.1 of {account.login}" in said
    assert DealPosting.objects.get().state == "quarantined"
