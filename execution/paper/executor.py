"""The paper executor: polls, lets its orders do their part, and tells what happened.

An entry is sent only within three seconds of sending a poll whose answer lists it under its fence.
"""

import logging
import math
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Event
from uuid import uuid4

from execution.client import ExecutorClient, Refused, ServerAway
from execution.paper.broker import PaperBroker
from execution.paper.journal import Journal
from execution.paper.numbers import utc_now
from execution.paper.orders import Orders
from execution.paper.permits import Permits
from execution.paper.plans import Plans
from execution.paper.requests import stops_are_set
from execution.paper.telling import TELLS_ALL, State, deal_of, heartbeat_of, hello_of
from execution.wire import Poll, ReportedDeal, Wait
from execution.wire.answers import ReportsReply
from execution.wire.fields import MomentText

logger = logging.getLogger("fusion.paper")

POLL_SECONDS = 0.5
POLL_MS_MIN, POLL_MS_MAX = 250, 10_000
# The market is looked at as often as that too: stops and targets are the broker's own.
WAIT_SECONDS = 1
WAIT_AGAIN_SECONDS = 10.0
HEARTBEAT_SECONDS = 2.0
BACK_OFF_SECONDS_MAX = 10.0
REPORTS_PER_CALL = 40
CONFLICT = 409
UNREADABLE = (400, 413, 422)


class PaperExecutor:
    """One executor instance; `step()` is one round, `run()` rounds until it is told to stop."""

    def __init__(
        self,
        *,
        client: ExecutorClient,
        broker: PaperBroker,
        journal: Journal,
        server: str,
        login: str,
        currency: str = "USD",
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._broker = broker
        self._journal = journal
        self._account = {"server": server, "login": login, "currency": currency}
        self._monotonic = monotonic
        self._clock = clock
        self._program = {"instance": journal.instance, "boot_nonce": uuid4().hex}
        self._is_greeted = False
        self._server_ahead = timedelta(0)
        self._heartbeat_at = -math.inf
        self._heartbeats = 0
        self._is_waited_for = False
        self._wait_again_at = -math.inf
        self._polled_at: MomentText | None = None
        self._poll_seconds = POLL_SECONDS
        self._ping_ms = 0
        self._failures = 0
        self._reports_per_call = REPORTS_PER_CALL
        self._quiet_until = -math.inf
        self._jitter = random.Random(journal.instance)  # noqa: S311 - spreads retries, no secret
        self._permits = Permits(monotonic)
        self.orders = Orders(
            broker=broker,
            journal=journal,
            permits=self._permits,
            monotonic=monotonic,
            server_now=lambda: self._clock() + self._server_ahead,
            server_minor=lambda: self._server_minor,
        )
        self.plans = Plans(
            broker=broker,
            journal=journal,
            monotonic=monotonic,
            server_minor=lambda: self._server_minor,
        )
        self._is_resolved = False

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; a server that is away changes only how often it is asked."""
        while not stop.is_set():
            self.step()
            self._pause(stop)

    def _pause(self, stop: Event) -> None:
        """Wait until the server says that there may be work, or for as long as it cannot say so."""
        if self._is_waited_for and not self._failures and self._monotonic() >= self._wait_again_at:
            try:
                self._client.wait(Wait(self._polled_at, WAIT_SECONDS))
            except (ServerAway, Refused) as error:
                logger.info("polls by the clock: %s", error)
                self._wait_again_at = self._monotonic() + WAIT_AGAIN_SECONDS
            else:
                return
        stop.wait(self._poll_seconds)

    def step(self) -> None:
        """One round: market, then server. A server that is away is asked again later."""
        self._broker.tick()
        self._lead()
        if self._is_resolved:
            self.orders.watch()
        if self._monotonic() < self._quiet_until:
            return
        try:
            self._talk()
        except ServerAway as error:
            self._permits.end()
            self._back_off(f"server away: {error}")
        except Refused as error:
            self._permits.end()
            self._is_greeted = self._is_greeted and error.status != CONFLICT
            self._back_off(f"refused: {error}", is_awaited=error.status == CONFLICT)
        else:
            self._failures = 0

    # The server.

    def _talk(self) -> None:
        if not self._is_greeted:
            self._hello()
        # What is told already needs no command from the server, so reports go first.
        self._flush()
        self._poll()
        self._flush()
        if self._monotonic() - self._heartbeat_at >= HEARTBEAT_SECONDS:
            self._heartbeat()

    def _hello(self) -> None:
        """Say what any server reads, and all of it to one that reads more."""
        said = {**self._program, **self._account}
        answer = self._client.hello(hello_of(self._broker, 0, **said))
        self._journal.begin(answer)
        if answer.api_minor >= TELLS_ALL:
            since = self._journal.value("since")
            whole = hello_of(self._broker, answer.api_minor, journal_since=since, **said)
            answer = self._client.hello(whole)
        self._heard(answer.server_time)
        self._is_waited_for = answer.wait_offered
        told_ms = int(Decimal(answer.poll_seconds) * 1000)
        self._poll_seconds = min(max(told_ms, POLL_MS_MIN), POLL_MS_MAX) / 1000
        with self._journal.changing():
            self._journal.value_set("server_minor", str(answer.api_minor))
        self._is_greeted = True
        if not self._is_resolved:
            self.orders.resolve()
            self._is_resolved = True
        logger.info("hello answered", extra={"instance": self._journal.instance})

    @property
    def _server_minor(self) -> int:
        return int(self._journal.value("server_minor", "0"))

    def _heartbeat(self) -> None:
        self._heartbeats += 1
        state = State(
            number=self._heartbeats,
            at=self._clock(),
            ping_ms=self._ping_ms,
            skew_ms=-int(self._server_ahead.total_seconds() * 1000),
            outbox_depth=self._journal.unsent_count(),
            entries_blocked=() if self._permits.entries_allowed else ("halted_by_server",),
        )
        body = heartbeat_of(self._broker, self._server_minor, state, **self._program)
        self._heard(self._client.heartbeat(body).server_time)
        self._heartbeat_at = self._monotonic()

    def _heard(self, server_time: MomentText) -> None:
        self._server_ahead = server_time.at - self._clock()

    def _poll(self) -> None:
        asked_at = self._monotonic()
        answer = self._client.poll(Poll(**self._program))
        self._ping_ms = int((self._monotonic() - asked_at) * 1000)
        self._heard(answer.server_time)
        self._polled_at = answer.server_time
        is_killed = any(one.command == "kill" for one in answer.desired)
        self._permits.renew(answer.permit, asked_at=asked_at, is_killed=is_killed)
        for order in answer.orders:
            self.orders.receive(order)
        for unread in answer.unread:
            self.orders.refuse(unread)
        if is_killed:
            self.orders.kill()
        for desired in answer.desired:
            self.orders.obey(desired)
        self.orders.act_all()
        self._lead()

    def _flush(self) -> None:
        """Tell what is in the outbox; a report counts as told once the server says so."""
        while batch := self._journal.unsent(self._reports_per_call):
            try:
                answer = self._client.reports(reports=batch.values(), **self._program)
            except (ServerAway, Refused) as error:
                self._take_shorter(batch, error)
                raise
            self._heard(answer.server_time)
            self._told(batch, answer)
            is_last = len(batch) < self._reports_per_call
            self._reports_per_call = min(REPORTS_PER_CALL, self._reports_per_call * 2)
            if is_last:
                return

    def _take_shorter(self, batch: Mapping[int, str], error: Exception) -> None:
        """Nothing of it is stored; a shorter one may be. A single one that the server cannot read
        stops no other, and is told as lost.
        """
        self._reports_per_call = max(1, len(batch) // 2)
        if len(batch) == 1 and isinstance(error, Refused) and error.status in UNREADABLE:
            with self._journal.changing():
                self._journal.mark_sent(next(iter(batch)), str(error))
            logger.error("report refused alone: %s", error)

    def _told(self, batch: Mapping[int, str], answer: ReportsReply) -> None:
        """Note the verdicts. Raises ServerAway where they are not those of these reports."""
        named = [f"{self._journal.instance}-{seq}" for seq in batch]
        if [one.report_id for one in answer.reports] != named:
            raise ServerAway("the verdicts are not those of the reports")
        with self._journal.changing():
            for seq, verdict in zip(batch, answer.reports, strict=True):
                refused = verdict.verdict == "refused"
                self._journal.mark_sent(seq, verdict.reason or "refused" if refused else "")
                if refused:
                    logger.error("report refused", extra={"verdict": repr(verdict)})
            for gap in answer.gaps:
                notices = self._server_minor >= TELLS_ALL
                self._journal.gap_close(gap.first, gap.last, notices=notices)
            self._journal.forget_old()

    def _back_off(self, why: str, *, is_awaited: bool = False) -> None:
        """Be quiet for a while; who waits for another's silence asks again soon."""
        self._failures += 1
        doublings = 2 if is_awaited else min(self._failures, 8)
        delay = min(BACK_OFF_SECONDS_MAX, POLL_SECONDS * 2**doublings)
        self._quiet_until = self._monotonic() + delay * (0.5 + self._jitter.random() / 2)
        logger.warning("%s; again in %.1f s", why, self._quiet_until - self._monotonic())

    # Deals.

    def _lead(self) -> None:
        """Positions get their stops from the fill first, then what their plans ask for."""
        self._collect_deals()
        self._set_stops()
        self.plans.beat()
        self._collect_deals()

    def _collect_deals(self) -> None:
        """Put the broker's new deals into the outbox, in the broker's order."""
        while deals := self._broker.deals_after(int(self._journal.value("deal_seen", "0"))):
            with self._journal.changing():
                for deal in (deal_of(one, self._server_minor) for one in deals):
                    self._journal.report("deal", deal=deal)
                    self._note_fill(deal)
                self._journal.value_set("deal_seen", deals[-1]["ticket"])

    def _note_fill(self, deal: ReportedDeal) -> None:
        """Stops that count from the fill are set from now on until they stand."""
        kept = self._journal.order(deal.magic) if deal.entry in ("in", "inout") else None
        if kept is None:
            return
        self._journal.guard_put(deal.position_ticket, deal.magic)
        if kept.order is not None:
            self.plans.begin(deal.position_ticket, kept.order)

    def _set_stops(self) -> None:
        for position, order_id in self._journal.guards().items():
            kept = self._journal.order(order_id)
            order = None if kept is None else kept.order
            is_led = self.plans.has_moved(position)
            if order is None or is_led or stops_are_set(self._broker, order, position):
                with self._journal.changing():
                    self._journal.guard_drop(position)
