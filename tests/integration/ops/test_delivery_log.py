"""The delivery log: filtered by verdict, reason, grade, strategy and date; bytes shown safely."""

import pytest

from fusion_project.events.clock import now
from signals.models import AlertConflict, Delivery
from tests.builders.signals import alert_received, entry_decided, strategy_built
from tests.factories.signals import EntryFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/signals/delivery/"


@pytest.fixture
def built():
    return strategy_built()


def _ids(client, **filters: str) -> list[int]:
    return [row.id for row in client.get(LIST, filters).context["cl"].result_list]


def _page(client, delivery_id: int) -> str:
    return client.get(f"{LIST}{delivery_id}/change/").content.decode()


def test_the_log_is_filtered_by_verdict_reason_grade_and_strategy(viewer, built) -> None:
    entry = EntryFactory(at=now())
    good = alert_received(built, entry).receipt.delivery_id
    twice = alert_received(built, entry).receipt.delivery_id
    bad = alert_received(built, b'{"symbol": "EURUSD", "side": "up"}').receipt.delivery_id
    other = alert_received(strategy_built("other"), EntryFactory(at=now())).receipt.delivery_id
    assert _ids(viewer) == [other, bad, twice, good]
    assert _ids(viewer, verdict="duplicate") == [twice]
    assert _ids(viewer, verdict="not_acted_on") == [bad]
    assert _ids(viewer, rule="unknown_side") == [bad]
    assert _ids(viewer, strategy__id__exact=str(built.strategy.id)) == [bad, twice, good]
    assert _ids(viewer, received_at__gte="2099-01-01 00:00:00+00:00") == []
    grades = {row.id: row.grade for row in Delivery.objects.all()}
    for grade in "ABCD":
        assert set(_ids(viewer, grade=grade)) == {key for key in grades if grades[key] == grade}


def test_a_delivery_is_found_by_what_the_sender_was_told(viewer, built) -> None:
    good = alert_received(built, EntryFactory(at=now())).receipt
    bad = alert_received(built, b"{").receipt
    for receipt in (good, bad):
        assert _ids(viewer, q=str(receipt.delivery_id)) == [receipt.delivery_id]
        assert _ids(viewer, q=f" {receipt.trace_id.upper()} ") == [receipt.delivery_id]
    assert _ids(viewer, q="not_json") == [bad.delivery_id]
    assert _ids(viewer, q="127.0.0.1") == [bad.delivery_id, good.delivery_id]
    assert _ids(viewer, q=Delivery.objects.get(id=bad.delivery_id).body_sha256) == [bad.delivery_id]
    for nothing in ("999999", "9" * 40, "f" * 32, "not_"):
        assert _ids(viewer, q=nothing) == []


def test_an_empty_log_says_what_will_come_and_an_empty_search_offers_to_clear_it(
    viewer, built
) -> None:
    assert "The first appears when an alert comes" in viewer.get(LIST).content.decode()
    alert_received(built, EntryFactory(at=now()))
    for asked in ({"rule": "stale"}, {"q": "999999"}):
        page = viewer.get(LIST, asked).content.decode()
        assert 'Nothing matches the search and the filters. <a href="?">Clear them</a>' in page
    assert "f-empty" not in viewer.get(LIST).content.decode()


def test_a_list_that_is_not_counted_to_its_end_says_so(viewer, built, monkeypatch) -> None:
    assert "counting and pages stop" not in viewer.get(LIST).content.decode()
    monkeypatch.setattr("fusion_project.admin.read_only.COUNT_MAX", 2)
    for _ in range(3):
        alert_received(built, EntryFactory(at=now()))
    assert "There are at least 2; counting and pages stop" in viewer.get(LIST).content.decode()


def test_lists_and_pages_say_that_their_times_are_utc(viewer, built) -> None:
    receipt = alert_received(built, EntryFactory(at=now())).receipt
    assert "Received at (UTC)" in viewer.get(LIST).content.decode()
    assert "Received at (UTC):" in _page(viewer, receipt.delivery_id)


def test_filters_keep_each_other(viewer, built) -> None:
    alert_received(built, EntryFactory(at=now()))
    page = viewer.get(LIST, {"verdict": "accepted", "rule": "stale"}).content.decode()
    assert '<input type="hidden" name="verdict" value="accepted">' in page
    assert '<option value="stale" selected>' in page
    assert "rule=stale" in page


def test_the_bytes_are_shown_with_what_hides_in_them_and_without_markup(viewer, built) -> None:
    body = '{"a": "<script>alert(1)</script>",\n"b": "\u202etxt"}'.encode() + b"\xff\0"
    page = _page(viewer, alert_received(built, body).receipt.delivery_id)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    for name in ("U+202E", "\\xff", "␀", "↵"):
        assert f'<span class="f-control">{name}</span>' in page
    assert "\u202e" not in page
    assert "3c 73 63 72 69 70 74 3e" in page


def test_a_delivery_leads_to_its_alert_its_life_line_and_its_dry_run(viewer, built) -> None:
    receipt = alert_received(built, EntryFactory(at=now())).receipt
    page = _page(viewer, receipt.delivery_id)
    assert f"/admin/signals/alert/{receipt.alert_id}/change/" in page
    assert f"/ops/trace/{receipt.trace_id}/" in page
    assert f"/ops/alert-linter/?delivery={receipt.delivery_id}" in page
    alert = viewer.get(f"/admin/signals/alert/{receipt.alert_id}/change/").content.decode()
    assert f"/admin/signals/delivery/{receipt.delivery_id}/change/" in alert


def test_an_alert_and_its_delivery_lead_to_what_was_decided_and_why(viewer, built) -> None:
    decision = entry_decided(built)
    page = _page(viewer, decision.alert.delivery_id)
    alert = viewer.get(f"/admin/signals/alert/{decision.alert_id}/change/").content.decode()
    for text in (page, alert):
        assert f'<a href="/ops/decisions/{decision.pk}/">entry buy EURUSD</a>: approved' in text
        assert "clears cost and margin" in text
    assert "Buy OANDA:EURUSD at the market" in alert
    back = viewer.get(f"/ops/decisions/{decision.pk}/").content.decode()
    assert f"/admin/signals/alert/{decision.alert_id}/change/" in back


def test_a_conflict_shows_what_was_asked_first_and_what_later(viewer, built) -> None:
    first = alert_received(built, EntryFactory(at=now(), id="my-id")).receipt
    later = alert_received(built, EntryFactory(at=now(), id="my-id", sl="1.08000")).receipt
    assert later.rule == "id_conflict"
    conflict = AlertConflict.objects.get()
    text = viewer.get(f"/admin/signals/alertconflict/{conflict.pk}/change/").content.decode()
    assert "stop at 1.0822, target" in text
    assert "stop at 1.08, target" in text
    for address in (
        f"/admin/signals/alert/{first.alert_id}/change/",
        f"/admin/signals/delivery/{later.delivery_id}/change/",
        f"/ops/trace/{first.trace_id}/",
    ):
        assert address in text
        assert address in viewer.get("/admin/signals/alertconflict/").content.decode()


def test_a_refusal_leads_to_its_own_life_line(cast, built) -> None:
    receipt = alert_received(built, b"{").receipt
    address = f"{LIST}{receipt.delivery_id}/trace/"
    assert address in _page(cast["viewer"], receipt.delivery_id)
    answer = cast["viewer"].get(address)
    assert answer.url == f"/ops/trace/{receipt.trace_id}/"
    assert cast["viewer"].get(f"{LIST}999999/trace/").status_code == 404
    assert cast["no_role"].get(address).status_code == 403
    assert cast["anonymous"].get(address).status_code == 302


def test_the_delay_is_told_where_the_sender_said_when(viewer, built, clock) -> None:
    clock.set(now())
    entry = EntryFactory(at=now())
    clock.advance(seconds=3)
    receipt = alert_received(built, entry).receipt
    row = viewer.get(LIST).context["cl"].result_list[0]
    assert row.id == receipt.delivery_id
    assert "3.0" in _page(viewer, receipt.delivery_id).partition("Delay")[2][:200]


def test_a_list_of_many_costs_no_more_than_one_of_few(
    viewer, built, django_assert_max_num_queries
) -> None:
    for _ in range(8):
        alert_received(built, EntryFactory(at=now()))
    with django_assert_max_num_queries(12):
        assert len(_ids(viewer)) == 8
