"""The paper executor carries plans out: parts at their targets, the stop, the end by time.

What a plan has come to is journalled before it is acted on; what it has closed the broker's own
deals tell. So a restart goes on where it stood, and nothing is closed twice.
"""

import json
import logging
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from execution.paper.broker import PaperBroker
from execution.paper.journal import Journal, Kept
from execution.paper.terms import CLOSE, MODIFY, TradeRequest
from execution.rules.plans import (
    Filled,
    Held,
    LotScale,
    PlanState,
    PlanStep,
    plan_step,
    step_words,
)
from execution.rules.prices import OPPOSITE, PriceScale
from execution.rules.retcodes import RETRY, retcode_action
from execution.wire.answers import LeasedOrder
from execution.wire.fields import Text, Ticket
from execution.wire.fields import number_text as text

logger = logging.getLogger("fusion.paper")

# Steps are told to servers that know plans.
TELLS_STEPS = 4
AGAIN_SECONDS = 2.0


class Plans:
    """The plans of open positions; `server_minor` is what the server reads."""

    def __init__(
        self,
        *,
        broker: PaperBroker,
        journal: Journal,
        monotonic: Callable[[], float],
        server_minor: Callable[[], int],
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._monotonic = monotonic
        self._server_minor = server_minor
        self._not_before: dict[int, float] = {}

    def begin(self, position: int, order: LeasedOrder) -> None:
        """Note that a position is its order's to lead. Call within a change of the journal."""
        if order.plan is not None:
            self._journal.plan_add(position, order.order_id, _text(PlanState()))

    def has_moved(self, position: int) -> bool:
        """Whether the stop of a position is its plan's by now, and no fill's any more."""
        found = self._journal.plans().get(position)
        return found is not None and _state(found[1]).moved

    def beat(self) -> None:
        """Look at each plan once."""
        for position, (order_id, told) in self._journal.plans().items():
            kept = self._journal.order(order_id)
            if self._monotonic() < self._not_before.get(position, -math.inf):
                continue
            held = self._broker.position(position)
            if held is None or kept is None or kept.order is None:
                self._end(position, kept)
            else:
                self._look(held, kept, kept.order, _state(told))

    def _end(self, position: int, kept: Kept | None) -> None:
        self._not_before.pop(position, None)
        with self._journal.changing():
            self._journal.plan_drop(position)
            if kept is not None:
                self._tell(kept, "plan_over", f"position {position} is closed")

    def _look(
        self, position: dict[str, Any], kept: Kept, order: LeasedOrder, state: PlanState
    ) -> None:
        symbol = next((s for s in self._broker.symbols if s.symbol == position["symbol"]), None)
        quote = self._broker.quote(position["symbol"])
        if symbol is None or quote is None or order.plan is None:
            return
        filled, closed = self._traded(position, order)
        step = plan_step(
            plan=order.plan,
            filled=filled,
            held=Held(
                price=quote.price_for(OPPOSITE[position["side"]]),
                open_lots=Decimal(position["volume"]),
                closed_lots=closed,
                stop=_number(position["sl"]),
                target=_number(position["tp"]),
                seconds=self._broker.seconds_open(position),
            ),
            state=state,
            prices=PriceScale(symbol.digits, symbol.tick_size),
            lots=LotScale(symbol.lot_step, symbol.lot_min),
        )
        self._take(position, kept, state, step, closed)

    def _traded(self, position: dict[str, Any], order: LeasedOrder) -> tuple[Filled, Decimal]:
        """What the order was filled with, and what its plan has closed, by the broker's deals."""
        ticket = str(position["ticket"])
        deals = [
            one
            for one in self._broker.deals_of(order.order_id)
            if one["position_ticket"] == ticket and one.get("entry")
        ]
        closed = sum(
            (
                Decimal(one["volume_lots"])
                for one in deals
                if one["entry"] == "out"
                and one["kind"] == OPPOSITE[order.side]
                and one["reason"] == "expert"
            ),
            Decimal(0),
        )
        entered = [
            (Decimal(one["price"]), Decimal(one["volume_lots"]))
            for one in deals
            if one["entry"] == "in" and one["kind"] == order.side
        ]
        if not entered:
            # It turned another position round: what is open is all that it was filled with.
            entered = [(Decimal(position["price"]), Decimal(position["volume"]) + closed)]
        lots = sum((part for _, part in entered), Decimal(0))
        mean = sum((price * part for price, part in entered), Decimal(0)) / lots
        return Filled(order.side, mean.quantize(Decimal(1).scaleb(-10)), lots), closed

    def _take(
        self,
        position: dict[str, Any],
        kept: Kept,
        before: PlanState,
        step: PlanStep,
        closed: Decimal,
    ) -> None:
        """Journal what has been reached, tell what is done, then ask the broker for what is not."""
        state = step.state
        is_done = not step.close_lots and state.reached > state.told
        if is_done:
            state = replace(state, told=state.reached)
        if step.stands is not None and step.stands != state.stop_told:
            state = replace(state, stop_told=step.stands)
        if state != before:
            with self._journal.changing():
                self._journal.plan_put(position["ticket"], _text(state))
                if is_done:
                    self._tell(
                        kept, f"target_{state.reached}", f"{text(closed)} lots closed so far"
                    )
                if step.stands is not None and state.stop_told != before.stop_told:
                    self._tell(kept, step.stop_why, f"the stop is {text(step.stands)}")
                if state.is_time_over and not before.is_time_over:
                    self._tell(kept, "time_exit", "its time is over: all of it is closed")
        if step.close_lots:
            self._send(position, step, _closing(position, kept, step))
        elif step.stop is not None:
            self._send(position, step, _stopping(position, kept, step))

    def _send(self, position: dict[str, Any], step: PlanStep, request: TradeRequest) -> None:
        result = self._broker.send(request)
        if result.is_success:
            logger.info("plan of position %d: %s", position["ticket"], step_words(step))
            return
        if retcode_action(result.retcode) != RETRY:
            self._not_before[position["ticket"]] = self._monotonic() + AGAIN_SECONDS
        logger.warning("plan of position %d waits: %s", position["ticket"], result.message)

    def _tell(self, kept: Kept, code: str, words: str) -> None:
        if self._server_minor() < TELLS_STEPS:
            return
        self._journal.report(
            "step",
            order_id=Ticket(kept.order_id),
            fence=kept.fence,
            code=code,
            message=Text(words),
        )


def _closing(position: dict[str, Any], kept: Kept, step: PlanStep) -> TradeRequest:
    return TradeRequest(
        action=CLOSE,
        magic=kept.order_id,
        symbol=position["symbol"],
        side=position["side"],
        volume_lots=step.close_lots,
        position_ticket=position["ticket"],
    )


def _stopping(position: dict[str, Any], kept: Kept, step: PlanStep) -> TradeRequest:
    return TradeRequest(
        action=MODIFY,
        magic=kept.order_id,
        symbol=position["symbol"],
        side=position["side"],
        sl=step.stop,
        tp=step.target,
        position_ticket=position["ticket"],
    )


def _text(state: PlanState) -> str:
    told = asdict(state)
    stop = told["stop_told"]
    numbers = {"stop_told": None if stop is None else text(stop), "goal": text(told["goal"])}
    return json.dumps({**told, **numbers})


def _state(told: str) -> PlanState:
    members = json.loads(told)
    numbers = {"stop_told": _number(members["stop_told"]), "goal": Decimal(members["goal"])}
    return PlanState(**{**members, **numbers})


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
