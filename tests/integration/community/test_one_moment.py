"""Nothing public ahead of its time: whole pages are compared as the clock passes the delay."""

from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Position
from fusion_project.community import policy
from fusion_project.events.clock import now
from tests.builders.pages import Flow, flow_make
from tests.builders.public_pages import page_text, sums_read
from tests.builders.switches import account_halt

pytestmark = pytest.mark.django_db
PAGES = ("/", "/live/overview", "/?book=live", "/methodology/")


@pytest.fixture
def flow(run_handlers, clock) -> Flow:
    """A desk at a standing clock, with one trade that is public already."""
    clock.set(now())
    flow = flow_make(run_handlers)
    flow.deposit("10000")
    flow.closed()
    clock.advance(seconds=60)
    return flow


class Reader:
    """Reads whole pages, and says when they change."""

    def __init__(self, client, clock, pages=PAGES) -> None:
        self.client, self.clock, self.pages = client, clock, pages
        self.before = self.read()

    def read(self) -> dict[str, str]:
        # Executors poll all the time; that one is heard is the one thing told without delay.
        BrokerAccount.objects.filter(last_seen_at__isnull=False).update(last_seen_at=now())
        return {page: page_text(self.client, page) for page in self.pages}

    def sees_nothing_for(self, *waits: float) -> None:
        """Each wait on top of the one before."""
        assert self.read() == self.before
        for seconds in waits:
            self.clock.advance(seconds=seconds)
            assert self.read() == self.before

    def sees_it_after(self, seconds: float) -> dict[str, str]:
        self.clock.advance(seconds=seconds)
        now_read = self.read()
        assert now_read["/"] != self.before["/"]
        return now_read


ALMOST = policy.PUBLIC_DELAY_SECONDS - 0.001


def test_an_open_position_changes_no_byte_of_any_page_however_long_it_is_open(
    client, flow, clock
) -> None:
    reader = Reader(client, clock)
    position = flow.opened()
    reader.sees_nothing_for(ALMOST, 0.002, 3_600)
    assert client.get(f"/trades/{position.pk}/").status_code == 404


def test_a_part_that_is_closed_of_an_open_position_changes_nothing(client, flow, clock) -> None:
    reader = Reader(client, clock)
    position = flow.opened()
    part = position.volume_open_lots / 2
    flow.desk.close(position, profit=Decimal("7.00"), volume_lots=part)
    flow.run_handlers()
    assert (position.volume_closed_lots, position.is_open) == (part, True)
    assert position.profit == Decimal("7.00")
    reader.sees_nothing_for(ALMOST, 0.002, 3_600)


def test_a_closed_trade_changes_every_figure_after_its_delay_and_none_before(
    client, flow, clock
) -> None:
    first = Position.objects.get()
    reader = Reader(client, clock, (*PAGES, f"/trades/{first.pk + 1}/"))
    position = flow.closed(profit="-9.30")
    trade = f"/trades/{position.pk}/"
    assert trade in reader.pages
    reader.sees_nothing_for(1, ALMOST - 1)
    seen = reader.sees_it_after(0.002)
    assert reader.before[trade].startswith("404 ")
    assert seen[trade].startswith("200 ")
    assert seen["/live/overview"] != reader.before["/live/overview"]
    sums = sums_read(client)
    assert sums.net == Decimal("11.80") - Decimal("10.00")
    assert sums.accrual == sums.net
    assert sums.balances[0] == 10_000 + sums.net
    overview = client.get("/").context["overview"]
    assert {one.name: one.count for one in overview.stations}["Trades"] == 2
    assert {one.name: one.count for one in overview.stations}["Deals"] == 4
    assert "net −10.00 USD" in " ".join(one.sentence for one in overview.feed)
    # What the page said then, it says for as long as nothing more happens.
    reader.before = seen
    reader.sees_nothing_for(3_600)


def test_a_correction_is_told_after_its_delay_like_any_other_fact(client, flow, clock) -> None:
    position = Position.objects.get()
    page = f"/trades/{position.pk}/"
    reader = Reader(client, clock, (*PAGES, page))
    closing = position.account.deals.get(entry="out")
    flow.desk.deal(
        kind="sell",
        entry="out",
        ticket=closing.ticket,
        time_msc=closing.time_msc,
        position_ticket=position.position_ticket,
        volume_lots=closing.volume_lots,
        price=closing.price,
        profit=Decimal("-5"),
        commission=Decimal("-0.35"),
    )
    flow.run_handlers()
    reader.sees_nothing_for(ALMOST)
    seen = reader.sees_it_after(0.002)
    assert seen[page] != reader.before[page]
    sums = sums_read(client)
    assert sums.net == sums.accrual == sums.from_trades == Decimal("-5.70")


def test_a_trade_that_is_open_again_leaves_the_pages_after_the_delay(client, flow, clock) -> None:
    position = Position.objects.get()
    page = f"/trades/{position.pk}/"
    reader = Reader(client, clock, (*PAGES, page))
    closing = position.account.deals.get(entry="out")
    flow.desk.deal(
        kind="sell",
        entry="out",
        ticket=closing.ticket,
        time_msc=closing.time_msc,
        position_ticket=position.position_ticket + 1,
        volume_lots=closing.volume_lots,
        price=closing.price,
        profit=closing.profit,
        commission=closing.commission,
    )
    flow.run_handlers()
    reader.sees_nothing_for(ALMOST)
    seen = reader.sees_it_after(0.002)
    assert seen[page].startswith("404 ")
    assert "no closed trade yet" in seen["/"]


def test_a_refused_decision_is_told_after_its_delay(client, flow, clock) -> None:
    reader = Reader(client, clock)
    # A payoff of one does not carry the cost of this prior.
    decision = flow.decided(tp="1.10100")
    assert decision.state == "abstained"
    reader.sees_nothing_for(ALMOST)
    assert "EURUSD entry left alone" in reader.sees_it_after(0.002)["/"]


def test_a_halt_is_told_after_its_delay(client, flow, clock) -> None:
    reader = Reader(client, clock)
    account_halt(flow.desk.account.id)
    reader.sees_nothing_for(ALMOST)
    assert "Stopped" in reader.sees_it_after(0.002)["/"]


def test_a_book_has_no_page_of_its_own_before_its_account_is_public(
    client, flow, run_handlers, clock
) -> None:
    reader = Reader(client, clock)
    flow_make(run_handlers, book="live")
    reader.sees_nothing_for(ALMOST)
    assert "LIVE" in reader.sees_it_after(0.002)["/"]
