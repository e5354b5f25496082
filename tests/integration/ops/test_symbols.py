"""Symbol maps are confirmed and revoked by people, as shown, and on record."""

import json

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from execution.models import Order, SymbolMap
from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_of
from tests.builders.execution import desk_make
from tests.database import owner_writes
from tests.factories.execution import SymbolMapFactory

pytestmark = pytest.mark.django_db
SHOWN = {"instrument": "NAS100", "broker_symbol": "US100.cash"}


@pytest.fixture
def waiting():
    return SymbolMapFactory(is_confirmed=False, **SHOWN)


def _send(client, row: SymbolMap, verb: str, **fields: str):
    return client.post(f"/ops/symbols/{row.pk}/{verb}", {**SHOWN, **fields}, follow=True)


def test_a_person_confirms_a_map_and_is_named_with_the_time(ops, waiting) -> None:
    page = ops.get("/ops/symbols/").content.decode()
    assert "US100.cash" in page
    assert "names differ" in page
    answer = _send(ops, waiting, "confirm")
    waiting.refresh_from_db()
    user = answer.wsgi_request.user
    assert waiting.confirmation.actor == f"user:{user.pk}"
    assert user.get_username() in answer.content.decode()
    event = Event.objects.get(subject=f"execution.symbolmap:{waiting.pk}")
    assert event.actor == f"user:{user.pk}"
    assert json.loads(event.detail)["is_confirmed"] is True


def test_a_row_that_changed_since_it_was_shown_is_not_confirmed(ops, waiting) -> None:
    with owner_writes():
        SymbolMap.objects.filter(id=waiting.id).update(broker_symbol="US100.fut")
    answer = _send(ops, waiting, "confirm")
    assert b"has changed since the page was loaded" in answer.content
    assert SymbolMap.objects.get(id=waiting.id).confirmation is None
    assert not Event.objects.filter(subject__startswith="execution.").exists()


def test_confirming_twice_keeps_the_first_persons_name(ops, cast, waiting) -> None:
    _send(ops, waiting, "confirm")
    first = SymbolMap.objects.get(id=waiting.id).confirmation
    assert b"Nothing done" in _send(cast["superuser"], waiting, "confirm").content
    assert SymbolMap.objects.get(id=waiting.id).confirmation == first


def test_nothing_new_is_ordered_through_a_revoked_map(ops) -> None:
    desk = desk_make()
    assert desk.stage().state == "staged"
    row = SymbolMap.objects.get(account=desk.account)
    answer = _send(ops, row, "revoke")
    assert b"is revoked" in answer.content
    refused = desk.stage()
    assert (refused.state, refused.reason) == ("rejected", "symbol_not_confirmed")
    assert b"Nothing done" in _send(ops, row, "revoke").content
    assert Event.objects.filter(subject=f"execution.symbolmap:{row.pk}").count() == 1
    assert Order.objects.count() == 2


def test_revoking_asks_first_and_says_what_will_happen(ops) -> None:
    desk = desk_make()
    row = SymbolMap.objects.get(account=desk.account)
    listed = ops.get("/ops/symbols/").content.decode()
    assert f'href="/ops/symbols/{row.pk}/revoke"' in listed
    assert f'action="/ops/symbols/{row.pk}/revoke"' not in listed
    page = ops.get(f"/ops/symbols/{row.pk}/revoke")
    text = page.content.decode()
    assert page.status_code == 200
    assert f"At once no entry on {row.instrument} is ordered on this account any more." in text
    assert "Open positions can still be closed." in text
    assert 'href="/ops/symbols/">Leave it as it is' in text
    row.refresh_from_db()
    assert row.is_confirmed
    _send(ops, row, "revoke")
    again = ops.get(f"/ops/symbols/{row.pk}/revoke", follow=True)
    assert b"there is nothing to revoke" in again.content
    assert ops.delete(f"/ops/symbols/{row.pk}/revoke").status_code == 405


def test_who_may_not_confirm_is_not_asked(viewer) -> None:
    row = SymbolMap.objects.get(account=desk_make().account)
    assert viewer.get(f"/ops/symbols/{row.pk}/revoke").status_code == 403


def test_confirming_again_after_a_revocation_leaves_both_confirmations_on_record(
    ops, waiting
) -> None:
    for verb in ("confirm", "revoke", "confirm"):
        _send(ops, waiting, verb)
    waiting.refresh_from_db()
    first, second = waiting.confirmations.order_by("id")
    assert waiting.confirmation == second
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        type(first).objects.filter(id=first.id).update(actor="user:0")
    subject = subject_of(SymbolMap, waiting.pk)
    events = Event.objects.filter(subject=subject).order_by("id")
    told = [json.loads(one.detail)["is_confirmed"] for one in events]
    assert told == [True, False, True]


def test_the_table_keeps_a_confirmed_map_as_it_was_confirmed(ops, waiting) -> None:
    _send(ops, waiting, "confirm")
    rows = SymbolMap.objects.filter(id=waiting.id)
    for change in ({"broker_symbol": "US100.fut"}, {"instrument": "SPX"}):
        with (
            pytest.raises(IntegrityError, match="symbol_map_as_confirmed"),
            transaction.atomic(),
            owner_writes(),
        ):
            rows.update(**change)


def test_those_who_may_not_confirm_see_the_list_without_buttons(viewer, waiting) -> None:
    page = viewer.get("/ops/symbols/").content.partition(b'<div id="content"')[2]
    assert "Confirming needs the role “ops”".encode() in page
    assert b"US100.cash" in page
    assert b"<form" not in page


def test_the_contract_stands_before_the_button_that_confirms_it(ops, waiting) -> None:
    row = ops.get("/ops/symbols/").content.decode().partition("US100.cash")[2].partition("</tr>")[0]
    assert row.index("no sheet yet") < row.index("Confirm")


def test_a_list_that_is_cut_says_how_many_wait(ops) -> None:
    SymbolMapFactory.create_batch(201, is_confirmed=False)
    page = ops.get("/ops/symbols/").content.decode()
    assert "Waiting for a person: 201, the first 200 below" in page


def test_the_page_costs_the_same_for_few_and_many_rows(ops, django_assert_max_num_queries) -> None:
    for number in range(12):
        SymbolMapFactory(is_confirmed=False, instrument=f"SYM{number}")
        SymbolMapFactory(instrument=f"DONE{number}")
    with django_assert_max_num_queries(10):
        assert ops.get("/ops/symbols/").status_code == 200
