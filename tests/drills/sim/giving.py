"""Units given on from a pool by `post`: held for before, posted twice, and taken back by two."""

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.drills.sim.asking import wanted
from tests.drills.sim.model.tokens import pool
from tests.drills.sim.storing import money
from tests.drills.sim.telling import caught_up
from tests.drills.sim.world import World
from treasury import errors
from treasury.rules.drafts import EntryDraft, LineDraft
from treasury.services.holds import hold_make, hold_release
from treasury.services.ledger import accounts_ensure, post
from treasury.services.reversing import reversal_ask

KIND, CODE, BOOK = "sim.give", "DAI", "paper"
LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
HOLDER = f"Liabilities:Holders:{CODE}:H1"


def give(world: World) -> None:
    """Part of the pool goes to a holder, mostly; now and then more than there is."""
    caught_up(world)
    left = -world.books.balance(BOOK, pool(CODE))
    if left <= 0:
        return
    amount = world.chance.randint(1, left * 11 // 10 + 1)
    key = f"give:{world.number()}"
    if world.chosen(0.4):
        _hold(world, key, amount, left)
    draft = _draft(world, key, amount)
    accounts_ensure(drafts=[draft])
    try:
        entry = world.crashes.again("post", lambda: post(drafts=[draft]))[0]
    except errors.FloorBreached:
        world.expect("units are given beyond the pool", True, amount > left)
        return
    world.expect("units are given within the pool", True, amount <= left)
    world.books.enter(BOOK, KIND, {pool(CODE): amount, HOLDER: -amount})
    again = post(drafts=[draft])[0]
    world.expect("the same entry again", (entry.id, False), (again.id, again.created))
    world.expect("the same key with other content", True, _is_refused(world, key, amount + 1))
    if world.chosen(0.2):
        _take_back(world, entry.id, amount)
    world.did["units given"] += 1


def _hold(world: World, key: str, amount: int, left: int) -> None:
    """Set apart, and half of the time let go; an entry takes what is held for it."""
    facts: dict[str, Any] = {
        "book": BOOK,
        "account_code": pool(CODE),
        "actor": world.people[0],
        "reason": "due",
    }
    try:
        if left > amount and world.chosen(0.5):
            off = hold_make(amount=_whole(left), entry_key=f"{key}:off", expires_at=LATER, **facts)
            hold_release(hold_id=off.pk, reason="called off", actor=world.people[0])
        hold_make(amount=_whole(amount), entry_key=key, expires_at=LATER, **facts)
    except errors.FloorBreached:
        world.expect("more is held than there is", True, amount > left)
        return
    world.expect("as much is held as there is", True, amount <= left)
    other = left - amount + 1
    world.expect("what is held is taken by others", True, _is_refused(world, f"{key}:x", other))
    world.did["holds"] += 1


def _is_refused(world: World, key: str, amount: int) -> bool:
    try:
        post(drafts=[_draft(world, key, amount)])
    except errors.LedgerRefused:
        return True
    return False


def _take_back(world: World, entry_id: int, amount: int) -> None:
    refused = wanted(
        world,
        "entries taken back by hand",
        lambda: reversal_ask(entry_id=entry_id, reason="twice", actor=world.people[0]),
    )
    world.expect("an entry is taken back", "", refused)
    world.books.enter(BOOK, f"{KIND}.reversed", {pool(CODE): -amount, HOLDER: amount})


def _draft(world: World, key: str, amount: int) -> EntryDraft:
    units = _whole(amount)
    return EntryDraft(
        idem_key=key,
        kind=KIND,
        book=BOOK,
        event_at=world.now,
        source="sim:1",
        trace_id="5" * 32,
        lines=(LineDraft(pool(CODE), CODE, units), LineDraft(HOLDER, CODE, -units)),
    )


def _whole(amount: int) -> Decimal:
    return Decimal(money(amount, 9))
