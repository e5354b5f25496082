"""Distributions: proposed, confirmed, and made or refused, as the model says."""

import datetime as dt
from decimal import Decimal

from fusion_project.errors import DomainError
from tests.drills.sim import chains
from tests.drills.sim.asking import asked, carried_out, wanted
from tests.drills.sim.model.paying import INVESTOR, POLICIES, Pay
from tests.drills.sim.storing import money
from tests.drills.sim.telling import caught_up, is_green, price_falls, seal, tell
from tests.drills.sim.trading import CENT, restate, settle_held
from tests.drills.sim.world import World
from treasury import errors
from treasury.models import RevenueStream
from treasury.services.distributing import distribution_propose
from treasury.services.policies import bind_ask
from treasury.services.revenue import revenue_ask
from treasury.services.transit import clearing_ask

FIRST_DAY = dt.date(1900, 1, 1)
PAPER = "paper"
NOTHING, HINDERED, CHANGED, ASKED = "nothing", "hindered", "changed", "asked"
_REFUSALS: dict[type[DomainError], str] = {
    errors.NothingToDistribute: NOTHING,
    errors.DistributionHindered: HINDERED,
    errors.DistributionChanged: CHANGED,
}


def payout(world: World) -> None:
    """Try to distribute; now and then while something stands in the way."""
    book = PAPER if world.chosen(0.97) else "live"
    policy = world.chance.choice([*POLICIES, "house"])
    _prepared(world, book)
    cut, losses = world.sealed, _losses(world, book)
    pay = world.paying.distribution(book, policy, cut, losses)
    is_hindered = hindered(world, book)
    has_moved = policy == INVESTOR and world.paying.moved_after(book, cut)
    expected = CHANGED if has_moved else ASKED
    expected = HINDERED if is_hindered else expected
    expected = NOTHING if pay is None else expected
    world.did["distributions tried"] += 1
    period = str(FIRST_DAY + dt.timedelta(days=world.did["distributions tried"]))
    request = asked(
        world,
        "distribution",
        lambda: distribution_propose(
            book=book,
            policy_code=policy,
            period=period,
            reason="month",
            actor=world.people[0],
        ),
    )
    found = (
        _REFUSALS.get(type(request), repr(request)) if isinstance(request, DomainError) else ASKED
    )
    # Asked or not: what counts is that it is not carried out while the chain is out of step.
    if found == HINDERED and expected == ASKED and not _chain_is_ready(world, book):
        return
    world.expect(f"a distribution of {policy}, {book} book ({request})", expected, found)
    if isinstance(request, DomainError) or pay is None:
        return
    _between(world, book)
    now = world.paying.distribution(book, policy, cut, losses)
    by_now = world.paying.distribution(book, policy, cut, _losses(world, book))
    lost_more = now is not None and _is_less(by_now, now)
    has_moved = policy == INVESTOR and world.paying.moved_after(book, cut)
    is_same = now is not None and now.lines == pay.lines and not has_moved
    is_made = carried_out(world, request)
    # By the clock of whoever carried it out in the end.
    is_open = not hindered(world, book) and _chain_is_ready(world, book)
    expected_made = is_same and is_open and not lost_more
    world.expect(f"the distribution is made ({request.outcome})", expected_made, is_made)
    if is_made:
        world.paying.paid(book, pay, cut)
        world.did[f"distributions of {policy}"] += 1


def _is_less(by_now: Pay | None, then: Pay) -> bool:
    """Whether anybody would get less by what open positions have lost since."""
    lines = by_now.lines if by_now is not None else {}
    paid = {code: lot for code, lot in then.lines.items() if code.startswith("Equity:Distributed:")}
    return any(lines.get(code, 0) < amount for code, amount in paid.items())


def bind(world: World) -> None:
    """An account, or a stream, is brought under another policy."""
    source = world.chance.choice([one for one in world.paying.sources if one.name])
    policy = "house" if source.policy == "subscription" else "subscription"
    caught_up(world)
    if world.late is not None or world.waiting:
        return
    world.passes()
    refused = wanted(
        world,
        "policies bound",
        lambda: bind_ask(
            policy_code=policy,
            source=source.name,
            book=source.book,
            reason="vote",
            actor=world.people[0],
        ),
    )
    world.expect("a policy is bound", "", refused)
    source.bind(policy, world.books)
    world.passes()


def revenue(world: World) -> None:
    """A payment of a subscription; now and then one that is booked already."""
    stream_id = world.chance.choice(list(world.streams))
    source, stream = world.streams[stream_id], RevenueStream.objects.get(id=stream_id)
    is_known = world.chosen(0.1) and source.reference > 0
    number = source.reference if is_known else world.number()
    amount = world.chance.randrange(1, 20_000) * CENT
    refused = wanted(
        world,
        "revenue booked",
        lambda: revenue_ask(
            stream=stream,
            amount=Decimal(money(amount)),
            reference=f"inv-{number}",
            reason="paid",
            actor=world.people[0],
        ),
    )
    world.expect(f"revenue is refused ({refused})", is_known, bool(refused))
    if not refused:
        source.reference = number
        lines = {f"Assets:Revenue:{source.name}": amount, source.roots[0]: -amount}
        world.books.enter(source.book, "revenue.record", lines)


def clear(world: World) -> None:
    """Money on its way is answered for; now and then more than there is."""
    desk = world.chance.choice([one for one in world.desks.values() if not one.is_fund])
    book, transit = desk.account.book, desk.account.code("Assets:Transit:{}")
    caught_up(world)
    waits = -world.books.balance(book, transit)
    if waits == 0 or any(one.desk is desk for one in world.waiting.values()):
        return
    amount = abs(waits) if world.chosen(0.6) else world.chance.randint(1, abs(waits) * 2)
    amount *= 1 if waits > 0 else -1
    refused = wanted(
        world,
        "transit cleared",
        lambda: clearing_ask(
            account=desk.row, amount=Decimal(money(amount)), reason="bank", actor=world.people[0]
        ),
    )
    world.expect(f"clearing is refused ({refused})", abs(amount) > abs(waits), bool(refused))
    if not refused:
        lines = {transit: amount, desk.account.code("Equity:Capital:{}"): -amount}
        world.books.enter(book, "transit.cleared", lines)


def hindered(world: World, book: str) -> bool:
    """Whether the book's figures cannot be counted on."""
    desks = world.of_book(book)
    is_held = any(world.deals.held[one.account.number] for one in desks)
    is_waiting = any(one.desk.account.book == book for one in world.waiting.values())
    return is_held or is_waiting or not all(is_green(world, one) for one in desks)


def _prepared(world: World, book: str) -> None:
    if world.chosen(0.9):
        settle_held(world)
    if world.chosen(0.9) or any(one.is_blind for one in world.of_book(book)):
        tell(world, book)
    else:
        caught_up(world)
    if world.chosen(0.9):
        seal(world)
    if world.chosen(0.9):
        chains.until_green(world)


def _between(world: World, book: str) -> None:
    """What may happen while the second person thinks."""
    chance = world.chance.random()
    if chance < 0.1:
        restate(world)
        caught_up(world)
    elif chance < 0.15:
        price_falls(world, book)
    elif chance < 0.18:
        world.passes(200)
    elif chance < 0.22:
        chains.intend(world)
    elif chance < 0.26:
        chains.look(world)


def _losses(world: World, book: str) -> dict[int, int]:
    return {one.account.number: min(0, one.account.floating) for one in world.of_book(book)}


def _chain_is_ready(world: World, book: str) -> bool:
    return book != PAPER or world.chain.is_ready(world.seconds)
