"""Investors join, leave and are paid; some join late, between two payouts."""

from decimal import Decimal

from tests.drills.sim.asking import wanted
from tests.drills.sim.model.deals import Told
from tests.drills.sim.model.paying import Fund
from tests.drills.sim.model.units import issued, paid, redeemed
from tests.drills.sim.storing import money
from tests.drills.sim.telling import caught_up, is_behind, is_green, tell
from tests.drills.sim.trading import CENT, known_make
from tests.drills.sim.world import Desk, World
from treasury.services.units import issue_ask, pay_ask, redeem_ask

SERIES_MAX = 12


def units(world: World) -> None:
    """One move of one fund."""
    desk = world.chance.choice([one for one in world.desks.values() if one.is_fund])
    fund = world.paying.funds[desk.account.number]
    move = world.chance.choice((join, join, leave, pay))
    move(world, desk, fund)


def join(world: World, desk: Desk, fund: Fund) -> None:
    """A deposit, and units for it; of many series no further one is made."""
    if len(fund.series) >= SERIES_MAX:
        leave(world, desk, fund)
        return
    amount = world.chance.randrange(1_000, 200_000) * CENT
    if world.chosen(0.7):
        _flows(world, desk, amount)
    if not _is_ready(world, desk):
        return
    if world.chosen(0.3):
        # All that waits for units.
        amount = max(CENT, -world.books.balance(desk.account.book, fund.transit) // CENT * CENT)
    refused = wanted(
        world,
        "units issued",
        lambda: issue_ask(
            account=desk.row,
            holder=f"H-{world.numbers}",
            amount=Decimal(money(amount)),
            reason="joins",
            actor=world.people[0],
        ),
    )
    why = issued(fund, amount, world.books) if is_green(world, desk) else "not green"
    world.expect(f"units are not issued ({refused or why})", bool(why), bool(refused))


def leave(world: World, desk: Desk, fund: Fund) -> None:
    """Units of one series are taken back, some of them or all."""
    if not fund.series or not _is_ready(world, desk):
        return
    number = world.chance.choice(fund.series).number
    held = fund.units(world.books.now()).get(number, 0)
    count = held if world.chosen(0.4) else world.chance.randint(1, held * 11 // 10 + 1)
    if count == 0:
        return
    refused = wanted(
        world,
        "units redeemed",
        lambda: redeem_ask(
            account=desk.row,
            number=number,
            units=Decimal(money(count)),
            reason="leaves",
            actor=world.people[0],
        ),
    )
    why = redeemed(fund, number, count, world.books) if is_green(world, desk) else "not green"
    world.expect(f"units are not redeemed ({refused or why})", bool(why), bool(refused))


def pay(world: World, desk: Desk, fund: Fund) -> None:
    """What a series is owed is withdrawn from the account, and booked as paid."""
    book = desk.account.book
    owed = {one.number: -world.books.balance(book, fund.payable(one.number)) for one in fund.series}
    number = world.chance.choice([one for one, amount in owed.items() if amount > 0] or [0])
    if number == 0:
        return
    amount = owed[number] // CENT * CENT
    if world.chosen(0.9):
        _flows(world, desk, -amount)
    caught_up(world)
    if amount == 0 or is_behind(world, desk):
        return
    refused = wanted(
        world,
        "payments booked",
        lambda: pay_ask(
            account=desk.row,
            number=number,
            amount=Decimal(money(amount)),
            reason="sent",
            actor=world.people[0],
        ),
    )
    why = paid(fund, number, amount, world.books)
    world.expect(f"a payment is not booked ({refused or why})", bool(why), bool(refused))


def _flows(world: World, desk: Desk, amount: int) -> None:
    """Money comes into the account, or goes."""
    world.pending.append((known_make(world, desk), Told(1, "balance", profit=amount)))


def _is_ready(world: World, desk: Desk) -> bool:
    """Told mostly; where deals are on their way nobody can say what a price would be."""
    if world.chosen(0.9) or desk.is_blind:
        tell(world, desk.account.book)
    else:
        caught_up(world)
    return not desk.is_blind and not is_behind(world, desk)
