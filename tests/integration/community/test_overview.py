"""The public overview: what it shows, what it hides, and that books never mix."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection

from execution.models import ExecutorKey, Position
from fusion_project.community import policy
from fusion_project.community.selectors import overview as reading
from fusion_project.events.life import SILENCE_SECONDS_MAX
from signals.services.strategies import strategy_policy_change
from tests.builders.execution import account_set
from tests.builders.pages import Flow, flow_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow(run_handlers) -> Flow:
    flow = flow_make(run_handlers)
    flow.deposit("10000")
    return flow


def later(clock) -> None:
    """Past the public delay, with nothing cached."""
    clock.advance(seconds=policy.PUBLIC_DELAY_SECONDS + 1)
    cache.clear()


def counts(page) -> dict[str, int]:
    return {one.name: one.count for one in page.context["overview"].stations}


def test_an_empty_desk_says_what_will_come(client, db) -> None:
    page = client.get("/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "No closed trades yet. The first appears 5 s after the executor has reported" in text
    assert "no executor has reported yet" in text
    assert "— fewer than two steps yet" in text
    assert "PAPER" in text
    assert set(counts(page).values()) == {0}


def test_a_closed_trade_is_counted_at_every_station(client, flow, clock) -> None:
    flow.closed()
    later(clock)
    assert counts(client.get("/")) == {
        "Alerts": 2,
        "Decisions": 2,
        "Orders": 2,
        "Deals": 2,
        "Trades": 1,
        "Ledger entries": 6,
    }


def test_the_money_on_the_page_is_the_money_in_the_ledger(client, flow, clock) -> None:
    position = flow.closed(profit="12.50")
    later(clock)
    page = client.get("/")
    (line,) = page.context["overview"].lines
    assert line.rows[-1].balance == Decimal(10_000)
    assert line.rows[0].balance == Decimal(10_000) + position.net
    net = page.context["overview"].tiles[0]
    assert (net.value, net.unit, net.tone) == ("+11.80", "USD", "gain")


def test_an_open_position_leaves_no_mark_on_the_page(client, flow, clock) -> None:
    later(clock)
    before = client.get("/").context["overview"]
    position = flow.opened()
    later(clock)
    page = client.get("/")
    overview = page.context["overview"]
    assert overview.trades == []
    assert overview.feed == before.feed == []
    # The opening deal's commission is in the ledger, but no point tells of it.
    assert overview.lines == []
    assert client.get(f"/trades/{position.pk}/").status_code == 404
    assert "EURUSD" not in page.content.decode()


def test_a_finished_fact_becomes_public_only_after_the_delay(client, flow, clock) -> None:
    position = flow.closed()
    cache.clear()
    assert client.get("/").context["overview"].trades == []
    assert client.get(f"/trades/{position.pk}/").status_code == 404
    later(clock)
    assert [one.id for one in client.get("/").context["overview"].trades] == [position.pk]
    assert client.get(f"/trades/{position.pk}/").status_code == 200


def test_no_page_shows_a_login_a_key_a_secret_or_a_trace(client, flow, clock) -> None:
    canary = "77712345"
    account_set(flow.desk.account, login=canary, server="Canary-Srv")
    position = flow.closed()
    later(clock)
    secret_words = [
        canary,
        "Canary",
        flow.secret,
        flow.desk.key_text,
        flow.desk.account.name,
        ExecutorKey.objects.get().prefix,
        position.trace_id,
        str(position.position_ticket),
    ]
    for address in ("/", "/live/overview", f"/trades/{position.pk}/", "/methodology/"):
        text = client.get(address).content.decode()
        for word in secret_words:
            assert word not in text, (address, word)


def test_the_feed_tells_finished_facts_as_sentences(client, flow, clock) -> None:
    flow.closed(profit="12.50")
    later(clock)
    sentences = [one.sentence for one in client.get("/").context["overview"].feed]
    assert "EURUSD buy closed, net +11.80 USD" in sentences
    assert "Posted for a closed trade: DAI, DA, DCT accrual" in sentences


def test_paper_and_live_never_share_a_figure(client, flow, run_handlers, clock) -> None:
    flow.closed(profit="12.50")
    live = flow_make(run_handlers, book="live")
    live.closed(profit="-40.00")
    later(clock)
    pages = {book: client.get(f"/?book={book}") for book in ("paper", "live")}
    assert pages["paper"].context["overview"].tiles[0].value == "+11.80"
    assert pages["live"].context["overview"].tiles[0].value == "−40.70"
    one_trade = {"Alerts": 2, "Decisions": 2, "Orders": 2, "Deals": 2, "Trades": 1}
    # The paper book has its deposit's entry as well.
    assert counts(pages["paper"]) == {**one_trade, "Ledger entries": 6}
    assert counts(pages["live"]) == {**one_trade, "Ledger entries": 5}
    # A gain and a loss score the same decision differently: each book shows its own points.
    points = [page.context["overview"].units[0].amount for page in pages.values()]
    assert points[0] != points[1]
    for page in pages.values():
        assert len(page.context["overview"].feed) == 2
        accrual = page.context["overview"].units[-1].amount
        assert accrual == page.context["overview"].tiles[0].value
    for book, badge in (("paper", "PAPER"), ("live", "LIVE")):
        assert f'badge-{book}">{badge}' in pages[book].content.decode()
    paper_trade = Position.objects.get(account__book="paper")
    assert 'badge-paper">PAPER' in client.get(f"/trades/{paper_trade.pk}/").content.decode()
    # Where there is a live account its page comes first; an odd book has no page.
    assert client.get("/").context["overview"].book == "live"
    assert client.get("/?book=both").status_code == 404


def test_the_share_of_winners_is_undefined_for_few_trades(client, flow, clock) -> None:
    flow.closed()
    later(clock)
    tile = next(one for one in client.get("/").context["overview"].tiles if one.label == "Winners")
    assert (tile.value, tile.note) == ("—", "too few trades: 1 of 30")


def test_the_share_of_winners_never_stands_without_the_averages(
    client, flow, clock, monkeypatch
) -> None:
    monkeypatch.setattr(policy, "TRADES_MIN_FOR_SHARE", 2)
    flow.closed(profit="10.70")
    flow.closed(profit="-9.30")
    later(clock)
    tile = next(one for one in client.get("/").context["overview"].tiles if one.label == "Winners")
    assert tile.value.startswith("50.0")
    assert tile.note == "1 of 2; average win +10.00, loss −10.00 USD"


def test_an_unchanged_fragment_answers_204_and_a_changed_one_its_html(client, flow, clock) -> None:
    flow.closed()
    later(clock)
    first = client.get("/live/overview")
    version = first["X-Version"]
    cache.clear()
    clock.advance(seconds=5)
    same = client.get("/live/overview", {"since": version})
    assert (same.status_code, same.content) == (204, b"")
    assert same["X-As-Of"] != first["X-As-Of"]
    flow.closed()
    later(clock)
    changed = client.get("/live/overview", {"since": version})
    assert changed.status_code == 200
    assert changed["X-Version"] != version
    assert b"<html" not in changed.content


def test_many_viewers_cost_one_reading(client, flow, django_assert_max_num_queries) -> None:
    client.get("/")
    # The clock, and which books there are.
    with django_assert_max_num_queries(2):
        client.get("/")


def test_a_reading_that_took_long_is_kept_for_longer(
    client, flow, monkeypatch, django_assert_max_num_queries
) -> None:
    monkeypatch.setattr(reading, "_CACHE_SECONDS", 0)
    monkeypatch.setattr(reading, "_TIMES_AS_LONG", 100_000)
    client.get("/")
    with django_assert_max_num_queries(2):
        client.get("/")


def test_the_overview_asks_a_fixed_number_of_queries(
    client, flow, clock, django_assert_max_num_queries
) -> None:
    for _ in range(3):
        flow.closed()
    later(clock)
    with django_assert_max_num_queries(40):
        client.get("/")


def test_a_silent_executor_makes_the_page_say_since_when(client, flow, clock) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE execution_brokeraccount SET last_seen_at = events_now()")
    later(clock)
    assert client.get("/").context["overview"].state.word == "Running"
    clock.advance(seconds=SILENCE_SECONDS_MAX + 5)
    cache.clear()
    state = client.get("/").context["overview"].state
    assert state.word == "Stale"
    assert "no word from any executor since" in state.reason


def test_the_story_of_a_trade_runs_from_its_alert_to_its_postings(client, flow, clock) -> None:
    position = flow.closed()
    later(clock)
    story = client.get(f"/trades/{position.pk}/").context["story"]
    titles = [step.title for step in story]
    assert titles[:2] == ["Alert", "Decision"]
    assert {"Opened", "Exit alert", "Closed", *policy.UNIT_TITLES.values()} <= set(titles)
    times = [step.at for step in story]
    assert times == sorted(times)


def test_a_trade_that_its_stop_closed_says_so(client, flow, clock) -> None:
    position = flow.opened()
    flow.desk.close(position, profit=Decimal("-50"), price=Decimal("1.095"), reason="sl")
    flow.run_handlers()
    later(clock)
    page = client.get(f"/trades/{position.pk}/")
    steps = {step.title: step for step in page.context["story"]}
    assert "1.09500" in steps["Closed by its stop loss"].text
    assert "Exit alert" not in steps
    assert "1.10000 → 1.09500" in page.content.decode()


def test_a_stored_script_stays_text_on_the_public_pages(client, flow, clock) -> None:
    attack = "<script>alert(1)</script>"
    strategy_policy_change(strategy_id=flow.strategy.id, actor="user:1", name=attack)
    position = flow.closed()
    later(clock)
    text = client.get(f"/trades/{position.pk}/").content.decode()
    assert attack not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
