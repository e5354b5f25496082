"""The paper executor against the real API over HTTP."""

from datetime import timedelta
from decimal import Decimal

import httpx2
import pytest

from execution.client import ExecutorClient
from execution.models import BrokerAccount, Deal, Order, Position, Report
from execution.paper.broker import PaperBroker
from execution.paper.executor import HEARTBEAT_SECONDS, PaperExecutor
from execution.paper.journal import Journal
from execution.paper.numbers import utc_now
from execution.paper.terms import PaperSymbol, Quote
from execution.services.leases import lease_expire_all
from execution.services.reconciling import account_reconcile
from execution.services.staging import decision_stage
from fusion_project.events.clock import now
from signals.intents.legs import Target
from tests.builders.execution import desk_make
from tests.builders.risk import quote_tell
from tests.builders.switches import account_halt

EURUSD = PaperSymbol("EURUSD", 5, Decimal(100_000))


class Market:
    bid = Decimal("1.10000")

    def __call__(self, symbol, at):
        return Quote(self.bid, self.bid + Decimal("0.00010")) if symbol == "EURUSD" else None


class Cut(httpx2.HTTPTransport):
    """A line that can lose the answers of one endpoint, or everything."""

    lose_answers_of = ""
    is_cut = False

    def handle_request(self, request):
        if self.is_cut:
            raise httpx2.ConnectError("cut")
        response = super().handle_request(request)
        if self.lose_answers_of and request.url.path.endswith(self.lose_answers_of):
            response.read()
            raise httpx2.ReadTimeout("the answer was lost")
        return response


class Bench:
    """A desk whose executor is the paper executor."""

    def __init__(self, live_url, home, margin_mode="hedging"):
        self.margin_mode = margin_mode
        account = {"server": "Paper", "login": "1", "equity": None, "balance": None}
        self.desk = desk_make(margin_mode=margin_mode, **account)
        self.home = home
        self.market = Market()
        self.line = Cut()
        self.live_url = live_url
        self.time = 0.0
        self.broker_time = utc_now
        self.start()

    def start(self):
        self.broker = PaperBroker(
            self.market,
            self.home,
            symbols=[EURUSD],
            margin_mode=self.margin_mode,
            clock=lambda: self.broker_time(),
        )
        self.journal = Journal(self.home / "executor.sqlite3")
        client = ExecutorClient(self.live_url, self.desk.key_text, transport=self.line)
        self.executor = PaperExecutor(
            client=client,
            broker=self.broker,
            journal=self.journal,
            server="Paper",
            login="1",
            monotonic=lambda: self.time,
            clock=utc_now,
        )

    def restart(self):
        """As a kill would, 15 s of silence later: only what is on disk is left."""
        silent = now() - timedelta(seconds=16)
        BrokerAccount.objects.filter(id=self.desk.account.id).update(instance_seen_at=silent)
        self.journal.close()
        self.broker.close()
        self.start()

    def steps(self, count=1, seconds=0.5):
        for _ in range(count):
            self.time += seconds
            self.executor.step()

    def stage(self, verb="entry", **fields):
        (order,) = decision_stage(decision_id=self.desk.decide(verb, **fields).id)
        return order


@pytest.fixture
def bench(live_url, tmp_path):
    made = Bench(live_url, tmp_path)
    made.steps()
    yield made
    made.journal.close()
    made.broker.close()


def state(order):
    return Order.objects.get(id=order.id).state


def test_hello_brings_money_sheets_and_the_deposit(bench):
    bench.desk.account.refresh_from_db()
    assert bench.desk.account.equity == 10_000
    assert Deal.objects.get().kind == "balance"
    assert Report.objects.get().kind == "deal"


def test_an_entry_and_its_exit_become_one_closed_position(bench):
    entry = bench.stage(sl="1.09000", tp="1.12000")
    bench.steps(2)
    assert state(entry) == "filled"
    position = Position.objects.get()
    assert (position.order_id, position.sl) == (entry.id, Decimal("1.09000"))
    bench.market.bid = Decimal("1.10500")
    exit_order = bench.stage("exit", side="sell", ref_price="1.10500")
    bench.steps(2)
    assert state(exit_order) == "filled"
    position.refresh_from_db()
    assert position.closed_at is not None
    assert position.net > 0
    assert Order.objects.filter(state="unknown").count() == 0
    bench.steps(5)
    bench.desk.account.refresh_from_db()
    money = sum(d.profit + d.swap + d.commission + d.fee for d in Deal.objects.all())
    assert bench.desk.account.balance == money


@pytest.mark.parametrize("ref_price", ["1.10000", None])
def test_a_stop_in_points_stands_that_far_from_the_fill_on_both_sides(bench, ref_price):
    entry = bench.stage(sl=Target("points", Decimal(500)), ref_price=ref_price)
    bench.steps(2)
    assert state(entry) == "filled"
    position = Position.objects.get()
    assert position.price_open - position.sl == Decimal("0.00500")
    theirs = bench.broker.position(position.position_ticket)
    assert Decimal(theirs["sl"]) == position.sl


def test_a_resting_order_good_till_a_moment_ends_at_the_broker_and_here(bench):
    until = utc_now() + timedelta(seconds=30)
    order = bench.stage(order_type="limit", limit_price="1.00000", tif="gtd", good_until=until)
    bench.steps(2)
    assert state(order) == "working"
    bench.broker_time = lambda: until
    bench.steps(2)
    assert state(order) == "expired"


def test_a_stop_hit_at_the_broker_closes_the_position_here(bench):
    bench.stage(sl="1.09900")
    bench.steps(2)
    bench.market.bid = Decimal("1.09800")
    bench.steps(2)
    position = Position.objects.get()
    assert position.closed_at is not None
    assert position.close_price_requested == Decimal("1.09900")


def test_an_unknown_symbol_is_rejected_with_no_quote(bench):
    from tests.factories.execution import SymbolMapFactory

    SymbolMapFactory(account=bench.desk.account, instrument="NOSUCH")
    quote_tell(bench.desk.account, "1.10000", "1.10000", instrument="NOSUCH")
    order = bench.stage(instrument="NOSUCH")
    bench.steps(2)
    order.refresh_from_db()
    assert (order.state, order.reason) == ("rejected", "no quote")


def test_a_lost_poll_answer_gives_the_same_lease_again_and_one_deal(bench):
    order = bench.stage()
    bench.line.lose_answers_of = "poll"
    bench.steps()
    assert state(order) == "leased"
    bench.line.lose_answers_of = ""
    bench.steps(3, seconds=2)
    order.refresh_from_db()
    assert (order.state, order.fence) == ("filled", 1)
    assert Deal.objects.filter(entry="in").count() == 1


def test_a_lost_reports_answer_stores_nothing_twice(bench):
    order = bench.stage()
    bench.line.lose_answers_of = "reports"
    bench.steps(2)
    told = Report.objects.count()
    bench.line.lose_answers_of = ""
    bench.steps(4, seconds=3)
    assert state(order) == "filled"
    assert Report.objects.count() >= told
    assert Deal.objects.filter(entry="in").count() == 1
    assert bench.journal.unsent(10) == {}


class Killed(BaseException):
    """The process ends here."""


def send_and_die(bench):
    """The next request reaches the broker, and the executor never hears of it."""
    send = bench.broker.send

    def sending(request):
        send(request)
        raise Killed

    bench.broker.send = sending
    with pytest.raises(Killed):
        bench.steps()
    bench.restart()


def test_a_kill_between_send_and_report_is_resolved_at_the_broker(bench):
    order = bench.stage()
    send_and_die(bench)
    bench.steps(3)
    assert state(order) == "filled"
    assert Order.objects.get(id=order.id).fence == 1
    assert bench.broker.look_up(order.id).deals == 1


def test_a_resting_order_is_not_placed_twice_by_a_kill(bench):
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    send_and_die(bench)
    bench.steps(4)
    assert state(order) == "working"
    assert bench.broker.look_up(order.id).pendings == 1


def test_a_kill_before_the_send_returns_the_order_to_the_queue(bench):
    order = bench.stage()
    bench.executor.orders.act = lambda kept: None
    bench.steps()
    assert state(order) == "acknowledged"
    bench.restart()
    bench.steps(4)
    order.refresh_from_db()
    assert (order.state, order.fence) == ("filled", 2)
    assert bench.broker.look_up(order.id).deals == 1


def test_an_order_sent_or_not_waits_for_a_person_and_is_never_sent_again(bench, clock):
    from fusion_project.incidents.models import Incident

    order = bench.stage()
    bench.executor.orders.send = lambda kept, _: bench.journal.order_state(kept.order_id, "intent")
    bench.steps()
    bench.restart()
    bench.steps(8, seconds=2)
    assert state(order) == "unknown"
    assert bench.broker.look_up(order.id).is_absent
    assert Incident.objects.filter(kind="order.unresolved").exists()


def test_an_ended_lease_is_looked_up_and_comes_back_when_never_sent(bench, clock):
    order = bench.stage()
    bench.line.lose_answers_of = "poll"
    bench.steps()
    clock.advance(seconds=11)
    assert lease_expire_all() == 1
    bench.line.lose_answers_of = ""
    bench.steps(6, seconds=2)
    order.refresh_from_db()
    assert (order.state, order.fence) == ("filled", 2)


def test_no_entry_is_sent_once_its_permit_is_three_seconds_old(bench):
    order = bench.stage()
    receive = bench.executor.orders.receive

    def slow(leased):
        receive(leased)
        bench.time += 3.1

    bench.executor.orders.receive = slow
    bench.steps()
    assert bench.broker.look_up(order.id).is_absent
    bench.executor.orders.receive = receive
    bench.steps()
    assert bench.broker.look_up(order.id).deals == 1


def test_a_halted_account_sends_no_acknowledged_entry(bench):

    order = bench.stage()
    act, bench.executor.orders.act = bench.executor.orders.act, lambda kept: None
    bench.steps()
    account_halt(bench.desk.account.id)
    bench.executor.orders.act = act
    bench.steps(3)
    assert bench.broker.look_up(order.id).is_absent


def test_a_cancel_takes_a_resting_order_off_the_broker(bench):
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.steps(2)
    assert state(order) == "working"
    assert decision_stage(decision_id=bench.desk.decide("cancel", side="any").id) == []
    bench.steps(2)
    assert state(order) == "cancelled"
    assert bench.broker.look_up(order.id).pendings == 0


def test_a_tighter_stop_reaches_the_broker_and_our_position(bench):
    bench.stage(sl="1.09000")
    bench.steps(2)
    amend = bench.stage("amend", side="buy", sl="1.09500", ref_price="1.10000")
    bench.steps(2)
    assert state(amend) == "done"
    bench.steps(seconds=HEARTBEAT_SECONDS)
    assert account_reconcile(account_id=bench.desk.account.id) is True
    assert Position.objects.get().sl == Decimal("1.09500")


def test_a_server_that_is_away_is_asked_less_often_and_stops_still_work(bench):
    bench.stage(sl="1.09900")
    bench.steps(2)
    bench.line.is_cut = True
    bench.steps(3)
    bench.market.bid = Decimal("1.09000")
    bench.steps(1)
    assert bench.broker.account()["open_tickets"] == []
    bench.line.is_cut = False
    bench.steps(10, seconds=5)
    assert Position.objects.get().closed_at is not None


def test_an_order_past_its_time_is_not_sent(bench, clock):
    order = bench.stage(valid_seconds=30)
    act, bench.executor.orders.act = bench.executor.orders.act, lambda kept: None
    bench.steps()
    clock.advance(seconds=31)
    bench.executor.orders.act = act
    bench.steps(2)
    assert state(order) == "rejected"
    assert now() - order.valid_until > timedelta(0)
