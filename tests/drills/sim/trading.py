"""What brokers do: deals of every kind, restated ones, and deals that come in out of order."""

from dataclasses import replace
from typing import Any

from django.db import connection, transaction

from tests.drills.sim.handling import deals_work
from tests.drills.sim.model.deals import DELETED, KINDS, Ticket, Told
from tests.drills.sim.storing import MYSTERY, deals_store
from tests.drills.sim.world import BEGINS, Desk, Known, Pending, World
from treasury.services.deals import deals_post

CENT = 10**6
FLUSH_MAX, HELD_MAX = 90, 2
KIND_WEIGHTS = {"buy": 20, "sell": 50, "balance": 6} | {
    kind: 1 for kind in KINDS if kind not in ("buy", "sell", "balance")
}
ENTRIES = ("in", "out", "out", "inout", "out_by")


def deal(world: World) -> None:
    """A further deal of any account."""
    desk = world.chance.choice([one for one in world.desks.values() if one.is_trading])
    world.pending.append((known_make(world, desk), new_told(world)))
    flush_when_full(world)


def restate(world: World) -> None:
    """The broker says something else of a deal: of late mostly, now and then of long ago."""
    if world.on_hold and world.chosen(0.3):
        settle_held(world)
    tickets = world.old if world.old and world.chosen(0.3) else world.recent
    if not tickets:
        return
    known = tickets[world.chance.randrange(len(tickets))]
    if (
        not known.is_away
        and known.ticket.told
        and not any(one is known for one, _ in world.pending)
    ):
        world.pending.append((known, _restated(world, known)))
        flush_when_full(world)


def settle_held(world: World) -> None:
    """What is held is told again, so that it counts."""
    flush(world)
    held, world.on_hold = world.on_hold, []
    for known in held:
        if known.is_away:
            world.on_hold.append(known)
        else:
            last = known.ticket.told[-1]
            world.pending.append((known, replace(last, revision=last.revision + 1, is_held=False)))


def again(world: World) -> None:
    """Deals of the past are posted once more by hand, as after a backfill."""
    chosen = [one for one in _few(world) if not one.is_away and one.ids]
    if chosen:
        ids = [one.ids[-1] for one in chosen]
        world.crashes.again("deals_post", lambda: deals_post(deal_ids=ids))
        for known in chosen:
            world.deals.post(known.ticket)


def flush_when_full(world: World) -> None:
    if len(world.pending) >= world.flush_at:
        world.flush_at = world.chance.randint(1, FLUSH_MAX)
        flush(world)
        if world.chosen(0.8):
            deals_work(world)


def flush(world: World) -> None:
    """Store what brokers have told; a process that dies on the way is told again."""
    if not world.pending:
        return
    deals, world.pending = world.pending, []
    batch = world.number()

    def store() -> list[int]:
        with transaction.atomic(), connection.cursor() as cursor:
            return deals_store(cursor, deals, batch=batch)

    stored(world, deals, world.crashes.again("deals_store", store))
    world.passes()


def stored(world: World, deals: list[Pending], ids: list[int]) -> None:
    """From now on everybody sees these deals."""
    for (known, told), number in zip(deals, ids, strict=True):
        known.ticket.told.append(told)
        known.ids.append(number)
        world.waiting[number] = known
        known.desk.newest = max(known.desk.newest, (known.time_msc, known.number))
        if told.revision == 1 and known.position_ticket == 0:
            world.remember(known)
    world.did["deals"] += len(deals)


def known_make(world: World, desk: Desk) -> Known:
    """A ticket that nobody has seen yet."""
    number = 100_000 + world.number()
    time_msc = int(BEGINS.timestamp() + world.seconds) * 1_000 + number % 1_000
    return Known(desk, number, Ticket(desk.account), time_msc)


def amounts(world: World) -> dict[str, Any]:
    """Profit and costs in cents; brokers book some costs with more digits."""
    chance = world.chance
    fine = chance.random() < 0.1
    cost = -chance.randrange(10**9) if fine else -chance.randrange(500) * CENT
    return {
        "profit": chance.randrange(-20_000, 24_000) * CENT,
        "commission": cost if chance.random() < 0.7 else 0,
        "swap": chance.randrange(-300, 200) * CENT if chance.random() < 0.3 else 0,
        "fee": -chance.randrange(50) * CENT if chance.random() < 0.1 else 0,
    }


def new_told(world: World) -> Told:
    """What a broker may say of a deal that is new."""
    kind = world.chance.choices(list(KIND_WEIGHTS), list(KIND_WEIGHTS.values()))[0]
    entry = world.chance.choice(ENTRIES) if kind in ("buy", "sell") else ""
    facts = amounts(world)
    if kind in ("balance", "credit", "bonus"):
        facts = {"profit": world.chance.randrange(-40_000, 60_000) * CENT}
    if entry == "in" and world.chosen(0.3):
        facts = {}
    return Told(1, kind, entry, **facts)


def _restated(world: World, known: Known) -> Told:
    last = known.ticket.told[-1]
    told = replace(last, revision=last.revision + 1, is_held=False)
    chance = world.chance.random()
    if chance < 0.1:
        return Told(told.revision, DELETED)
    if chance < 0.15 and len(world.on_hold) < HELD_MAX:
        world.on_hold.append(known)
        return replace(told, is_held=True)
    if chance < 0.2 and known.desk.account.book == "live":
        return replace(told, kind=MYSTERY)
    if chance < 0.3 and told.kind in ("buy", "sell"):
        return replace(told, kind=f"{told.kind}_canceled", entry="", profit=0)
    if told.kind in (DELETED, MYSTERY):
        return replace(new_told(world), revision=told.revision)
    return replace(told, **amounts(world))


def _few(world: World) -> list[Known]:
    tickets = world.recent
    count = min(len(tickets), world.chance.randint(1, 20))
    places = sorted(world.chance.sample(range(len(tickets)), count))
    return [tickets[place] for place in places]
