"""The chain of DCT: it lags, fails, drifts, and shows what people and strangers did."""

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.drills.sim.asking import wanted
from tests.drills.sim.model.chain import FROZEN, OPEN, Intent
from tests.drills.sim.stage import reading_of
from tests.drills.sim.storing import money
from tests.drills.sim.world import Act, World
from tokens.chain.answers import Moved
from tokens.models import ChainIntent
from tokens.services.bindings import release_ask
from tokens.services.intents import intent_ask
from tokens.services.watching import failure_store, reading_store

PAPER, SUPPLY = "paper", 1_000_000 * 10**9
HOLDERS = tuple(f"0:{number:064x}" for number in (0xAA, 0xBB, 0xCC))
SELLER = "0:" + "dd" * 32
OPEN_MAX, DEADLINE_SECONDS = 4, 1_200
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
KINDS = ("burn", "burn", "mint", "payout", "payout", "buyback")


def look(world: World, *, newest: bool = False) -> None:
    """One look of the watcher: what the newest block shows, an older one, or nothing at all."""
    if not newest and world.chosen(0.1):
        _fails(world)
        return
    if world.chain.state == FROZEN or (world.chain.drifts and world.chosen(0.5)):
        _heal(world)
    chain = world.chain
    first, last = world.shown, len(world.history) - 1
    world.shown = last if newest or world.chosen(0.7) else world.chance.randint(first, last)
    held, count = world.history[world.shown]
    acts = [one for one in world.acts if one.number <= count and not one.is_undone]
    reading = reading_of(
        world.bound, *held, moved=tuple(_moved(world, one) for one in acts), since=LONG_AGO
    )
    seen: dict[str, Any] = {"binding_id": world.bound.pk, "seen": world.bound.observation_id}
    world.crashes.again("chain read", lambda: reading_store(reading=reading, **seen))
    chain.looks(held, {one.intent.number: one.units for one in acts}, world.seconds)
    _compare(world)
    world.did[f"chain {chain.state}"] += 1
    _forget(world)


def until_green(world: World) -> None:
    """Carry everything out, look, and release what is frozen."""
    for _ in range(4):
        if world.chain.is_ready(world.seconds) and world.chosen(0.9):
            return
        while _undone(world):
            act(world)
        look(world, newest=True)
        if world.chain.state == FROZEN:
            release(world)


def intend(world: World) -> None:
    """Two people want something of the chain."""
    chain = world.chain
    if len(chain.pending()) >= OPEN_MAX:
        return
    # A purchase takes any amount from its own on, so two of them could not be told apart.
    has_buyback = any(one.kind == "buyback" for one in chain.pending())
    kind = world.chance.choice([one for one in KINDS if one != "buyback" or not has_buyback])
    units = (1_000 + world.number()) * 10**3
    other = world.chance.choice(HOLDERS) if kind == "payout" else ""
    deadline = world.seconds + DEADLINE_SECONDS
    refused = wanted(
        world,
        "intents opened",
        lambda: intent_ask(
            token_code="DCT",
            book=PAPER,
            kind=kind,
            amount=Decimal(money(units, 9)),
            other=other,
            deadline=world.now + dt.timedelta(seconds=DEADLINE_SECONDS),
            reason="vote",
            actor=world.people[0],
        ),
    )
    world.expect("an intent is opened", "", refused)
    number = ChainIntent.objects.latest("id").pk
    chain.intents[number] = Intent(number, kind, units, other, deadline)


def act(world: World) -> None:
    """A person carries one out; of a buyback more may come in than was asked for."""
    undone = _undone(world)
    if not undone:
        return
    one = world.chance.choice(undone)
    more = world.chance.randrange(1_000) if one.kind == "buyback" else 0
    units = one.units + more
    world.acts.append(Act(world.acts_made + 1, one, units, world.seconds))
    world.acts_made += 1
    supply, ours = one.change(units)
    _happens(world, supply, ours)


def drift(world: World) -> None:
    """Something moves that nobody here wanted."""
    units = world.chance.randint(1, 10**9)
    _happens(world, 0, -units)
    world.did["chain moved by strangers"] += 1


def release(world: World) -> None:
    """Two people release what is frozen, after the difference is gone or while it stays."""
    if world.chosen(0.8):
        _heal(world)
    refused = wanted(
        world,
        "chain released",
        lambda: release_ask(token_code="DCT", book=PAPER, reason="seen", actor=world.people[0]),
    )
    world.expect("a frozen chain is released", "", refused)
    world.chain.released()
    world.bound.refresh_from_db()
    look(world, newest=True)


def bound_open(world: World) -> None:
    """The first reading, which the ledger takes over."""
    reading = reading_of(world.bound, *world.chain.held)
    reading_store(binding_id=world.bound.pk, reading=reading, seen=world.bound.observation_id)
    world.chain.bind(world.seconds)
    world.history = [(world.chain.held, 0)]
    _compare(world)


def _fails(world: World) -> None:
    seen: dict[str, Any] = {"binding_id": world.bound.pk, "seen": world.bound.observation_id}
    reason = world.chance.choice(("the node answers 500", "no answer", "the two disagree"))
    world.crashes.again("chain read", lambda: failure_store(reason=reason, **seen))
    world.chain.fails(world.seconds)
    _compare(world)


def _compare(world: World) -> None:
    world.bound.refresh_from_db()
    world.expect("the state of the chain", world.chain.state, world.bound.state)


def _happens(world: World, supply: int, ours: int) -> None:
    held = world.chain.held
    world.chain.held = (held[0] + supply, held[1] + ours)
    world.history.append((world.chain.held, world.acts_made))


def _heal(world: World) -> None:
    """Whoever moved it moves it back: the chain holds what ledger and open intents say."""
    supply, ours = world.chain.ledger
    for one in world.acts:
        if one.intent.state == OPEN and one.intent.deadline < world.seconds:
            one.is_undone = True
        elif one.intent in world.chain.pending():
            more = one.intent.change(one.units)
            supply, ours = supply + more[0], ours + more[1]
    _happens(world, supply - world.chain.held[0], ours - world.chain.held[1])
    world.shown = len(world.history) - 1


def _forget(world: World) -> None:
    """What is over is no more told; the history begins where it was last shown."""
    world.history = world.history[world.shown :]
    world.shown = 0
    pending = world.chain.pending()
    world.acts = [one for one in world.acts if one.intent in pending]
    world.chain.intents = {one.number: one for one in pending}


def _undone(world: World) -> list[Intent]:
    acted = {one.intent.number for one in world.acts}
    return [
        one
        for one in world.chain.pending()
        if one.number not in acted and one.state == OPEN and one.deadline >= world.seconds
    ]


def _moved(world: World, one: Act) -> Moved:
    way, other = {
        "burn": ("burn", ""),
        "mint": ("in", world.bound.master),
        "payout": ("out", one.intent.other),
        "buyback": ("in", SELLER),
    }[one.intent.kind]
    at = world.now - dt.timedelta(seconds=world.seconds - one.seconds)
    return Moved(
        transaction=f"{one.number:064x}",
        lt=one.number,
        at=at,
        kind=way,
        units=one.units,
        other=other,
    )
