"""Positions of our orders: opened, closed, restated, and opened again."""

from fractions import Fraction

from django.db import connection, transaction

from execution.models import BrokerAccount, Order, SymbolMap
from execution.services.fills import order_add_up
from execution.services.positions import position_fold
from execution.services.staging import decision_stage
from tests.drills.sim.handling import deals_work, positions_work
from tests.drills.sim.model.deals import DELETED, Told
from tests.drills.sim.model.tokens import Closed, Held
from tests.drills.sim.stage import (
    account_subscribe,
    decision_make,
    strategy_make,
    symbol_map_make,
)
from tests.drills.sim.storing import deals_store
from tests.drills.sim.trading import CENT, amounts, flush, known_make, stored
from tests.drills.sim.world import Desk, Pending, Trade, World

TRADES_OF_AN_ORDER = 25
CHANCES = ("0.2", "0.35", "0.5", "0.6", "0.75", "0.9")


def trade(world: World) -> None:
    """A position is opened, and mostly closed at once."""
    desk = world.chance.choice([one for one in world.desks.values() if not one.is_trading])
    order = _order(world, desk)
    opening = known_make(world, desk)
    opening.position_ticket, opening.order_id = opening.number, order.pk
    bps = world.chance.randrange(12)
    opening.price = f"1.1{bps * 11:04d}"
    assert order.decision is not None
    chance = Fraction(str(order.decision.p_final))
    fold = Closed(0, is_closed=False, net=0, p=chance, slippage=Fraction(bps))
    held = Held(desk.account, desk.accrues, fold)
    made = Trade(desk, order, held, opening.number, opening, [])
    world.trades.append(made)
    cost = -world.chance.randrange(1, 300) * CENT
    deals: list[Pending] = [(opening, Told(1, "buy", "in", commission=cost))]
    if world.chosen(0.8):
        deals.append(_closing(world, made))
    _store(world, made, deals)
    _worked(world)


def retrade(world: World) -> None:
    """A deal of a position is told otherwise, taken back, or comes at last."""
    if not world.trades:
        return
    made = world.chance.choice(world.trades)
    closing = made.closing[-1] if made.closing else None
    if made.opening.is_away or (closing is not None and closing.is_away):
        return
    if closing is None or closing.ticket.told[-1].kind == DELETED:
        deals = [_closing(world, made)]
    else:
        last = closing.ticket.told[-1]
        told = Told(last.revision + 1, "sell", "out", **amounts(world))
        deals = [(closing, Told(last.revision + 1, DELETED) if world.chosen(0.3) else told)]
    _store(world, made, deals)
    _worked(world)


def _closing(world: World, made: Trade) -> Pending:
    known = known_make(world, made.desk)
    known.position_ticket, known.time_msc = made.position_ticket, known.time_msc + 1_000
    made.closing.append(known)
    return known, Told(1, "sell", "out", **amounts(world))


def _store(world: World, made: Trade, deals: list[Pending]) -> None:
    """As execution does it: deals, order and position in one transaction."""
    batch = world.number()
    flush(world)

    def store() -> tuple[list[int], int, int, bool]:
        with transaction.atomic(), connection.cursor() as cursor:
            ids = deals_store(cursor, deals, batch=batch)
            order_add_up(made.order.pk)
            position = position_fold(
                account=made.desk.row, position_ticket=made.position_ticket, actor="system"
            )
            assert position is not None
            return ids, position.pk, position.fold_revision, position.closed_at is not None

    ids, position_id, revision, is_closed = world.crashes.again("position folded", store)
    stored(world, deals, ids)
    fold = made.held.fold
    tickets = [made.opening.ticket, *(one.ticket for one in made.closing)]
    net = sum(one.counts.gained for one in tickets if one.counts is not None)
    made.held.fold = Closed(revision, is_closed, net, fold.p, fold.slippage)
    world.folded[position_id] = made
    (made.desk.opened.discard if is_closed else made.desk.opened.add)(made.position_ticket)
    world.did["positions folded"] += 1


def _worked(world: World) -> None:
    if world.chosen(0.3):
        # Before the ledger has its deals: it waits.
        positions_work(world)
    world.passes()
    deals_work(world)
    positions_work(world)


def _order(world: World, desk: Desk) -> Order:
    """An entry of a strategy of its own, for a few positions."""
    own = [one for one in world.orders if one.account_id == desk.row.pk]
    if not own or world.did["positions folded"] % TRADES_OF_AN_ORDER == 0:
        strategy = strategy_make()
        BrokerAccount.objects.filter(id=desk.row.pk).update(equity=10_000, heartbeat_at=world.now)
        if not SymbolMap.objects.filter(account=desk.row).exists():
            symbol_map_make(account=desk.row)
        account_subscribe(strategy, desk.row)
        decision = decision_make(strategy, p_final=world.chance.choice(CHANCES))
        orders = decision_stage(decision_id=decision.pk)
        assert orders, decision
        if orders[0].state == "staged" or not own:
            world.orders = [one for one in world.orders if one not in own] + orders
            own = orders
    return own[0]
