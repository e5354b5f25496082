"""Pools in one currency pass into another: at once, or once somebody tells a price again."""

import datetime as dt
from decimal import Decimal

from tests.drills.sim.asking import wanted
from tests.drills.sim.model.converting import BASE, QUOTE, Conversion, currency
from tests.drills.sim.storing import money
from tests.drills.sim.telling import caught_up
from tests.drills.sim.world import World
from treasury.models import Conversion as Stored
from treasury.services.conversions import conversion_ask, conversions_complete_due
from treasury.services.prices import price_record

BOOK, SOURCE = "paper", "import:desk"
POOLS = (
    "Liabilities:Pool:House:Burn",
    "Liabilities:Pool:House:Reward",
    "Equity:Retained:House:Retained",
)
GAP_HOURS = 9


def convert(world: World) -> None:
    """Part of a pool, or more than it holds, into the other currency."""
    caught_up(world)
    pool, wanted_in = world.chance.choice(POOLS), world.chance.choice((BASE, QUOTE))
    other = QUOTE if wanted_in == BASE else BASE
    source, target = f"{pool}:{other}", f"{pool}:{wanted_in}"
    stands = -world.books.balance(BOOK, source)
    if stands <= 0:
        return
    amount = world.chance.randint(1, stands * 11 // 10 + 1)
    refused = wanted(
        world,
        "conversions asked",
        lambda: conversion_ask(
            book=BOOK,
            from_code=source,
            to_code=target,
            to_currency=currency(target),
            amount=Decimal(money(amount)),
            reason="month",
            actor=world.people[0],
        ),
    )
    world.expect("a conversion is taken", "", refused)
    number = Stored.objects.latest("id").pk
    own, others = Conversion(number, source, target, amount), world.converting.waiting
    world.converting.waiting = [own]
    world.did["conversions at once"] += world.converting.try_all(world.seconds)
    world.converting.waiting = others + world.converting.waiting
    _compare(world)


def price(world: World) -> None:
    """Somebody tells a price, of now or of some hours ago; what waited goes on."""
    second = world.seconds - world.chance.randrange(20 * 3_600) * world.chosen(0.3)
    units = world.chance.randint(9_000, 12_000)
    world.passes()
    if any(known == second for known, _ in world.converting.prices):
        return
    price_record(
        book=BOOK,
        base=BASE,
        quote=QUOTE,
        price=Decimal(money(units, 4)),
        priced_at=world.now - dt.timedelta(seconds=world.seconds - second),
        source=SOURCE,
        actor=world.people[0],
    )
    world.converting.told(second, units)
    complete(world)


def complete(world: World) -> None:
    """What the job does twice a minute."""
    caught_up(world)
    world.crashes.again("conversions", conversions_complete_due)
    world.did["conversions that waited"] += world.converting.try_all(world.seconds)
    _compare(world)


def gap(world: World) -> None:
    """Nothing happens for hours, and nobody tells a price."""
    world.passes(GAP_HOURS * 3_600)


def _compare(world: World) -> None:
    waiting = sorted(one.number for one in world.converting.waiting)
    found = sorted(Stored.objects.filter(state="waiting").values_list("id", flat=True))
    world.expect("conversions that wait", waiting, found)
