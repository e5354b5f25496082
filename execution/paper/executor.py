"""The paper executor: polls, journals, sends to its broker, and tells what happened.

Nothing is sent before it is journalled, and nothing is ever sent twice. An entry is sent only
within three seconds of sending a poll whose answer lists it under its fence.
"""

import logging
import math
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import uuid4

from execution.client import ExecutorClient, Refused, ServerAway
from execution.paper.broker import PaperBroker
from execution.paper.journal import CLOSED, INTENT, LOST, RECEIVED, SENT, Journal, Kept
from execution.paper.numbers import utc_now
from execution.paper.repricing import entry_amended
from execution.paper.requests import (
    order_send,
    position_close,
    spread_is_too_wide,
    stops_adjust,
)
from execution.paper.telling import TELLS_ALL, State, deal_of, heartbeat_of, hello_of
from execution.paper.terms import PLACED, POSITION_CLOSED, TradeResult
from execution.wire import Poll, ReportedDeal, Wait
from execution.wire.answers import DesiredCommand, LeasedOrder
from execution.wire.fields import API_MINOR, MomentText, Text, Ticket

logger = logging.getLogger("fusion.paper")

POLL_SECONDS = 0.5
# The market is looked at as often as that too: stops and targets are the broker's own.
WAIT_SECONDS = 1
WAIT_AGAIN_SECONDS = 10.0
HEARTBEAT_SECONDS = 2.0
BACK_OFF_SECONDS_MAX = 10.0
REPORTS_PER_CALL = 40
OBEY_AGAIN_SECONDS = 5.0
CONFLICT = 409


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
        self._permits: dict[tuple[int, int], float] = {}
        self._server_ahead = timedelta(0)
        self._heartbeat_at = -math.inf
        self._heartbeats = 0
        self._is_waited_for = False
        self._wait_again_at = -math.inf
        self._polled_at: MomentText | None = None
        self._ping_ms = 0
        self._entries_allowed = True
        self._failures = 0
        self._reports_per_call = REPORTS_PER_CALL
        self._obeyed: dict[tuple[int, int, str], float] = {}
        self._quiet_until = -math.inf
        self._jitter = random.Random(journal.instance)  # noqa: S311 - spreads retries, no secret
        self._resolve_journal()

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
        stop.wait(POLL_SECONDS)

    def step(self) -> None:
        """One round: market, then server. A server that is away is asked again later."""
        self._broker.tick()
        self._collect_deals()
        self._watch_resting()
        if self._monotonic() < self._quiet_until:
            return
        try:
            self._talk()
        except ServerAway as error:
            self._back_off(f"server away: {error}")
        except Refused as error:
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
        with self._journal.changing():
            self._journal.value_set("server_minor", str(answer.api_minor))
        self._is_greeted = True
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
            entries_blocked=() if self._entries_allowed else ("halted_by_server",),
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
        permit = answer.permit
        self._entries_allowed = permit.entries_allowed
        until = asked_at + permit.seconds if permit.entries_allowed else asked_at
        self._permits = {(one.order_id, one.fence): until for one in permit.orders}
        for order in answer.orders:
            self._receive(order)
        for desired in answer.desired:
            self._obey(desired)
        for kept in self._journal.orders(RECEIVED):
            self._act(kept)

    def _flush(self) -> None:
        """Tell what is in the outbox; a report counts as told once the server says so."""
        while batch := self._journal.unsent(self._reports_per_call):
            try:
                answer = self._client.reports(reports=batch.values(), **self._program)
            except ServerAway:
                # Nothing of it is stored; a shorter one may be.
                self._reports_per_call = max(1, self._reports_per_call // 2)
                raise
            self._heard(answer.server_time)
            with self._journal.changing():
                for seq, verdict in zip(batch, answer.reports, strict=True):
                    refused = verdict.verdict == "refused"
                    self._journal.mark_sent(seq, verdict.reason if refused else "")
                    if refused:
                        logger.error("report refused", extra={"verdict": repr(verdict)})
                for gap in answer.gaps:
                    self._journal.send_again(gap.first, gap.last)
                self._journal.forget_old()
            is_last = len(batch) < self._reports_per_call
            self._reports_per_call = min(REPORTS_PER_CALL, self._reports_per_call * 2)
            if is_last:
                return

    def _back_off(self, why: str, *, is_awaited: bool = False) -> None:
        """Be quiet for a while; who waits for another's silence asks again soon."""
        self._failures += 1
        doublings = 2 if is_awaited else min(self._failures, 8)
        delay = min(BACK_OFF_SECONDS_MAX, POLL_SECONDS * 2**doublings)
        self._quiet_until = self._monotonic() + delay * (0.5 + self._jitter.random() / 2)
        logger.warning("%s; again in %.1f s", why, self._quiet_until - self._monotonic())

    # Orders.

    def _receive(self, order: LeasedOrder) -> None:
        """Keep a leased order and acknowledge it; a lease that is served again is known already.

        What this executor cannot read whole is refused, whatever it seems to say.
        """
        kept = self._journal.order(order.order_id)
        if kept is not None and (kept.fence >= order.fence or kept.state in (INTENT, SENT)):
            return
        is_beyond = order.needs_minor > API_MINOR
        with self._journal.changing():
            self._journal.order_put(
                order.order_id, order.fence, CLOSED if is_beyond else RECEIVED, order
            )
            self._journal.report(
                "rejected" if is_beyond else "ack",
                order_id=order.order_id,
                fence=order.fence,
                message=Text(f"needs minor {order.needs_minor}" if is_beyond else ""),
            )

    def _act(self, kept: Kept) -> None:
        """Send a kept order if it may be sent now."""
        order = kept.order
        assert order is not None
        if order.event == "entry":
            if self._is_late(order.valid_until):
                self._end(kept, "rejected", message=Text("expired before it was sent"))
                return
            if self._monotonic() >= self._permits.get((kept.order_id, kept.fence), -math.inf):
                return
            if spread_is_too_wide(self._broker, order):
                return
        self._send(kept, order)

    def _is_late(self, valid_until: MomentText | None) -> bool:
        if valid_until is None:
            return False
        return self._clock() + self._server_ahead >= valid_until.at

    def _send(self, kept: Kept, order: LeasedOrder) -> None:
        with self._journal.changing():
            self._journal.order_state(kept.order_id, INTENT)
        result = order_send(self._broker, order)
        self._collect_deals()
        if result.retcode == PLACED:
            with self._journal.changing():
                self._journal.order_state(kept.order_id, SENT)
                self._tell(kept, "working", retcode=result.retcode, **self._made(result))
        elif result.is_success or result.retcode == POSITION_CLOSED:
            self._keep_amended(order)
            self._end(
                kept,
                "done",
                retcode=result.retcode,
                message=Text(result.message),
                **self._made(result),
            )
        else:
            no_quote = result.message == "no quote"
            self._end(
                kept,
                "rejected",
                retcode=None if no_quote else result.retcode,
                message=Text(result.message),
            )

    def _keep_amended(self, amend: LeasedOrder) -> None:
        """What an amend gave an entry that rests is the entry's from now on."""
        entry = self._journal.order(amend.target_order_id) if amend.target_order_id else None
        if entry is not None and entry.order is not None:
            with self._journal.changing():
                self._journal.order_put(
                    entry.order_id, entry.fence, entry.state, entry_amended(entry.order, amend)
                )

    def _made(self, result: TradeResult) -> dict[str, Ticket]:
        """The broker's order, for a server that reads it."""
        if not result.order_ticket or self._server_minor < TELLS_ALL:
            return {}
        return {"broker_order_ticket": Ticket(result.order_ticket)}

    def _end(self, kept: Kept, kind: str, **members: Any) -> None:
        with self._journal.changing():
            self._journal.order_state(kept.order_id, CLOSED)
            self._tell(kept, kind, **members)

    def _tell(self, kept: Kept, kind: str, **members: Any) -> None:
        self._journal.report(kind, order_id=Ticket(kept.order_id), fence=kept.fence, **members)

    def _obey(self, desired: DesiredCommand) -> None:
        """Follow a command, and again after a while: it is repeated until it is done."""
        if desired.command == "kill":
            self._kill()
            return
        if desired.command == "close":
            position_close(self._broker, desired.position_ticket)
            return
        order_id, fence = desired.order_id, desired.fence
        kept = self._journal.order(order_id)
        mark = (order_id, fence, desired.command)
        if self._monotonic() < self._obeyed.get(mark, -math.inf) + OBEY_AGAIN_SECONDS:
            return
        self._obeyed[mark] = self._monotonic()
        with self._journal.changing():
            if kept is None:
                self._journal.order_put(order_id, fence, CLOSED)
            self._answer(kept, order_id, fence, desired.command)

    def _kill(self) -> None:
        """Cancel the entries that rest; none is sent, for the permit has none."""
        for kept in self._journal.orders(SENT):
            if self._broker.cancel_pending(kept.order_id):
                self._end(kept, "cancelled")

    def _answer(self, kept: Kept | None, order_id: Ticket, fence: int, command: str) -> None:
        """Say what became of an order.

        Unsure is what was journalled as about to be sent, and what this journal is too young for.
        """
        found = self._broker.look_up(order_id)
        state = CLOSED
        if found.pendings and command == "cancel":
            self._broker.cancel_pending(order_id)
            kind = "cancelled"
        elif found.pendings:
            kind, state = "working", SENT
        elif not found.is_absent:
            kind = "done"
        elif kept is not None and kept.state in (INTENT, LOST):
            kind, state = "lookup_absent", kept.state
        else:
            kind = "never_sent"
        self._journal.report(kind, order_id=order_id, fence=fence)
        self._journal.order_state(order_id, state)

    # Restart and deals.

    def _resolve_journal(self) -> None:
        """After a restart: what was never sent is said so; what may have been is looked up."""
        self._collect_deals()
        for kept in self._journal.orders(RECEIVED):
            self._end(kept, "never_sent")
        for kept in self._journal.orders(INTENT):
            found = self._broker.look_up(kept.order_id)
            if found.pendings:
                with self._journal.changing():
                    self._journal.order_state(kept.order_id, SENT)
                    self._tell(kept, "working", message=Text("recovered"))
            elif not found.is_absent:
                self._end(kept, "done", message=Text("recovered"))
            elif not kept.told:
                with self._journal.changing():
                    self._tell(kept, "unknown", message=Text("sent or not; nothing at the broker"))
                    self._journal.order_told(kept.order_id, "unknown")

    def _collect_deals(self) -> None:
        """Put the broker's new deals into the outbox, in the broker's order."""
        while deals := self._broker.deals_after(int(self._journal.value("deal_seen", "0"))):
            with self._journal.changing():
                for deal in (deal_of(one, self._server_minor) for one in deals):
                    self._journal.report("deal", deal=deal)
                    self._stops_adjust(deal)
                self._journal.value_set("deal_seen", deals[-1]["ticket"])

    def _stops_adjust(self, deal: ReportedDeal) -> None:
        kept = self._journal.order(deal.magic) if deal.entry == "in" else None
        if kept is not None and kept.order is not None:
            stops_adjust(self._broker, kept.order, deal)

    def _watch_resting(self) -> None:
        """Tell what became of orders that rested: expired, or filled, which its deals tell."""
        for kept in self._journal.orders(SENT):
            found = self._broker.look_up(kept.order_id)
            if found.is_absent:
                self._end(kept, "expired")
            elif not found.pendings:
                with self._journal.changing():
                    self._journal.order_state(kept.order_id, CLOSED)
