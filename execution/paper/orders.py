"""What the paper executor does with its orders: kept, sent once, watched, taken back, looked up.

Nothing is sent before it is journalled, and nothing is ever sent twice.
"""

import logging
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from execution.client.polling import UnreadOrder
from execution.paper.broker import PaperBroker
from execution.paper.journal import CLOSED, INTENT, LOST, NEVER_SENT, RECEIVED, SENT, Journal, Kept
from execution.paper.permits import Permits
from execution.paper.requests import (
    amend_widens,
    entry_amended,
    order_fault,
    order_send,
    pending_remove,
    position_close,
    spread_is_too_wide,
)
from execution.paper.terms import CANCELLED, PLACED, Traces, TradeResult
from execution.rules.retcodes import LOOK_UP, NO_OP, PAUSE, RETRY, retcode_action
from execution.wire.answers import DesiredCommand, LeasedOrder
from execution.wire.fields import API_MINOR, MomentText, Text, Ticket

logger = logging.getLogger("fusion.paper")

CANCEL_AGAIN_SECONDS = 1.0
LOOK_AGAIN_SECONDS = 5.0
PAUSE_SECONDS = 2.0
# So long the broker's history may take to show what was sent.
UNKNOWN_AFTER_SECONDS = 5.0
# Members of reports that came with minor 2.
TELLS_TICKETS = 2


class Orders:
    """The executor's orders. `server_now` is the server's time, `server_minor` what it reads."""

    def __init__(
        self,
        *,
        broker: PaperBroker,
        journal: Journal,
        permits: Permits,
        monotonic: Callable[[], float],
        server_now: Callable[[], datetime],
        server_minor: Callable[[], int],
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._permits = permits
        self._monotonic = monotonic
        self._server_now = server_now
        self._server_minor = server_minor
        self._not_before: dict[tuple[Any, ...], float] = {}
        self._unsure_since: dict[int, float] = {}

    # As they come.

    def receive(self, order: LeasedOrder) -> None:
        """Keep a leased order and acknowledge it; a lease that is served again is known already.

        What went out under an earlier lease is never sent again: what became of it is said. What
        this program cannot carry out as it is written is refused, whatever it seems to say.
        """
        kept = self._journal.order(order.order_id)
        if kept is not None and kept.fence >= order.fence:
            return
        fault = order_fault(order)
        with self._journal.changing():
            if kept is not None and self._went_out(kept, order.fence):
                return
            self._journal.order_put(order.order_id, order.fence, RECEIVED, order)
            kind, state = ("rejected", CLOSED) if fault else ("ack", RECEIVED)
            self._journal.order_tell(order.order_id, order.fence, state, kind, message=Text(fault))

    def refuse(self, unread: UnreadOrder) -> None:
        """Refuse an order of which only the number can be read, once, in words."""
        kept = self._journal.order(unread.order_id)
        if kept is not None and kept.fence >= unread.fence:
            return
        is_beyond = unread.needs_minor > API_MINOR
        why = f"needs minor {unread.needs_minor}" if is_beyond else f"not readable: {unread.why}"
        with self._journal.changing():
            if kept is not None and self._went_out(kept, unread.fence):
                return
            self._journal.order_put(unread.order_id, unread.fence, CLOSED)
            self._journal.order_tell(
                unread.order_id, unread.fence, CLOSED, "rejected", message=Text(why)
            )

    def _went_out(self, kept: Kept, fence: int) -> bool:
        """Say what became of an order that may have been sent under an earlier lease, if it was."""
        if kept.is_unsent or kept.state == LOST:
            return False
        told, message = kept.told or "unknown", Text("it was handed out before")
        self._tell(kept, told, kept.state, fence=fence, message=message)
        return True

    # Sent.

    def act_all(self) -> None:
        """Send what is kept and may go now."""
        for kept in self._journal.orders(RECEIVED):
            if self._monotonic() >= self._not_before.get((kept.order_id,), -math.inf):
                self.act(kept)

    def act(self, kept: Kept) -> None:
        """Send one kept order if it may be sent now; what lowers risk needs no permit."""
        order = kept.order
        assert order is not None
        if order.event == "entry":
            if self._is_late(order.valid_until):
                self._end(kept, "rejected", message=Text("expired before it was sent"))
                return
            if not self._permits.allow(kept.order_id, kept.fence):
                return
            if spread_is_too_wide(self._broker, order):
                return
        elif order.event == "amend" and amend_widens(self._broker, order):
            self._end(kept, "rejected", message=Text("it would widen the stop"))
            return
        self.send(kept, order)

    def _is_late(self, valid_until: MomentText | None) -> bool:
        return valid_until is not None and self._server_now() >= valid_until.at

    def send(self, kept: Kept, order: LeasedOrder) -> None:
        """Journal that it is about to go out, send it, and follow the broker's answer."""
        with self._journal.changing():
            self._journal.order_state(kept.order_id, INTENT)
        result = order_send(self._broker, order)
        action = retcode_action(result.retcode)
        if result.retcode == PLACED:
            with self._journal.changing():
                self._tell(kept, "working", SENT, retcode=PLACED, **self._made(result))
        elif result.is_success or action == NO_OP:
            self._end(
                kept,
                "done",
                retcode=result.retcode,
                message=Text(result.message),
                **self._made(result),
            )
        elif action == LOOK_UP:
            self._unsure_since[kept.order_id] = self._monotonic()
        elif action == PAUSE or (action == RETRY and order.event != "entry"):
            self._wait(kept, result)
        else:
            self._reject(kept, result)

    def _wait(self, kept: Kept, result: TradeResult) -> None:
        """Nothing was done, and it stays worth asking: a closed market opens again."""
        self._not_before[kept.order_id,] = self._monotonic() + PAUSE_SECONDS
        with self._journal.changing():
            self._journal.order_state(kept.order_id, RECEIVED)
        logger.info("order %d waits: %s", kept.order_id, result.message)

    def _reject(self, kept: Kept, result: TradeResult) -> None:
        no_quote = result.message == "no quote"
        retcode = None if no_quote else result.retcode
        self._end(kept, "rejected", retcode=retcode, message=Text(result.message))

    # Watched.

    def watch(self) -> None:
        """Tell what became of orders that rested, and of those whose outcome is not known."""
        for kept in self._journal.orders(SENT):
            found = self._broker.look_up(kept.order_id)
            if not found.pendings:
                self._end_as_found(kept, found)
        for kept in self._journal.orders(INTENT):
            self._look(kept)

    def _look(self, kept: Kept) -> None:
        """Look for one that was about to be sent. Only closing all that is open may be asked again,
        and setting the same stops: twice is once.
        """
        found = self._broker.look_up(kept.order_id)
        since = self._unsure_since.setdefault(kept.order_id, self._monotonic())
        if found.pendings:
            if kept.told != "working":
                with self._journal.changing():
                    self._tell(kept, "working", SENT, message=Text("recovered"))
            else:
                with self._journal.changing():
                    self._journal.order_state(kept.order_id, SENT)
        elif not found.is_absent:
            self._end_as_found(kept, found)
        elif self._monotonic() < since + UNKNOWN_AFTER_SECONDS:
            return
        elif kept.order is not None and kept.order.event in ("exit", "amend"):
            with self._journal.changing():
                self._journal.order_state(kept.order_id, RECEIVED)
        elif kept.told != "unknown":
            with self._journal.changing():
                why = Text("sent or not; nothing at the broker")
                self._tell(kept, "unknown", INTENT, message=why)

    def _end_as_found(self, kept: Kept, found: Traces) -> None:
        """Deals say what was filled; a resting order that ended without one ended by itself, or
        was taken back.
        """
        kind = "done" if found.deals else (found.ended or "expired")
        self._end(kept, kind, message=Text("found at the broker"))

    def resolve(self) -> None:
        """After a restart: what was never sent is said so; what may have been is looked up."""
        for kept in self._journal.orders(RECEIVED):
            self._end(kept, NEVER_SENT)
        self.watch()

    # Commands.

    def obey(self, desired: DesiredCommand) -> None:
        """Follow a command; it is repeated until it is done."""
        if desired.command == "close":
            position_close(self._broker, desired.position_ticket)
        elif desired.command == "cancel" and self._is_due(desired, CANCEL_AGAIN_SECONDS):
            self._cancel(desired.order_id, desired.fence)
        elif desired.command == "lookup" and self._is_due(desired, LOOK_AGAIN_SECONDS):
            with self._journal.changing():
                self._answer(desired.order_id, desired.fence)

    def kill(self) -> None:
        """Take back the entries that rest; none is sent, for the permit has none."""
        for kept in self._journal.orders(SENT, INTENT, LOST):
            if self._broker.look_up(kept.order_id).pendings:
                self._cancel(Ticket(kept.order_id), kept.fence)

    def _is_due(self, desired: DesiredCommand, seconds: float) -> bool:
        mark = (desired.order_id, desired.fence, desired.command)
        if self._monotonic() < self._not_before.get(mark, -math.inf):
            return False
        self._not_before[mark] = self._monotonic() + seconds
        return True

    def _cancel(self, order_id: Ticket, fence: int) -> None:
        """Take an order back. What the broker refuses is asked again as long as it is wanted."""
        kept, found = self._journal.order(order_id), self._broker.look_up(order_id)
        if found.pendings:
            result = pending_remove(self._broker, order_id)
            if not result.is_success:
                logger.warning("order %d is not taken back: %s", order_id, result.message)
                return
            found = self._broker.look_up(order_id)
        with self._journal.changing():
            if kept is not None and kept.state == RECEIVED:
                self._tell(kept, CANCELLED, CLOSED, fence=fence, message=Text("not sent"))
            elif found.is_absent or found.pendings:
                self._answer(order_id, fence)
            else:
                kind = "done" if found.deals else found.ended
                self._say(kept, order_id, fence, CLOSED, kind)

    def _answer(self, order_id: Ticket, fence: int) -> None:
        """Say what became of an order.

        Unsure is what was journalled as about to be sent, and what this journal is too young for: a
        lease that was out when it began. Of a later lease that never came here it is sure.
        """
        kept, found = self._journal.order(order_id), self._broker.look_up(order_id)
        if found.pendings:
            self._say(kept, order_id, fence, SENT, "working")
        elif not found.is_absent:
            kind = "done" if found.deals else found.ended
            self._say(kept, order_id, fence, CLOSED, kind)
        elif kept is None or kept.is_unsent or (kept.state == LOST and kept.fence < fence):
            self._say(kept, order_id, fence, CLOSED, NEVER_SENT)
        elif kept.state in (INTENT, LOST):
            self._journal.report("lookup_absent", order_id=order_id, fence=fence)
        elif kept.told:
            self._say(kept, order_id, fence, kept.state, kept.told)

    # Told.

    def _say(self, kept: Kept | None, order_id: Ticket, fence: int, state: str, kind: str) -> None:
        if kept is None:
            self._journal.order_put(order_id, fence, state)
        self._journal.order_tell(order_id, fence, state, kind)

    def _made(self, result: TradeResult) -> dict[str, Ticket]:
        """The broker's order, for a server that reads it."""
        if not result.order_ticket or self._server_minor() < TELLS_TICKETS:
            return {}
        return {"broker_order_ticket": Ticket(result.order_ticket)}

    def _end(self, kept: Kept, kind: str, **members: Any) -> None:
        self._unsure_since.pop(kept.order_id, None)
        with self._journal.changing():
            self._tell(kept, kind, CLOSED, **members)
            if kind == "done" and kept.order is not None and kept.order.event == "amend":
                self._journal.guard_drop(kept.order.position_ticket)
                self._keep_amended(kept.order)

    def _keep_amended(self, amend: LeasedOrder) -> None:
        """What an amend gave an entry that rests is the entry's from now on."""
        entry = self._journal.order(amend.target_order_id)
        if entry is not None and entry.order is not None:
            amended = entry_amended(entry.order, amend)
            self._journal.order_put(entry.order_id, entry.fence, entry.state, amended, entry.told)

    def _tell(self, kept: Kept, kind: str, state: str, *, fence: int = 0, **members: Any) -> None:
        self._journal.order_tell(kept.order_id, fence or kept.fence, state, kind, **members)
