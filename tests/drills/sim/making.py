"""The world at its beginning: who trades where, who is paid by which policy, what is bound."""

from typing import Any

from tests.drills.sim import chains
from tests.drills.sim.asking import wanted
from tests.drills.sim.model.chain import Chain
from tests.drills.sim.model.deals import KINDS, Account, Told
from tests.drills.sim.model.paying import INVESTOR, Fund, Source
from tests.drills.sim.stage import broker_account_make, paper_bound, staff_make
from tests.drills.sim.storing import MYSTERY
from tests.drills.sim.telling import caught_up, seal, tell
from tests.drills.sim.trading import CENT, known_make
from tests.drills.sim.world import Desk, World
from treasury.services.policies import bind_ask
from treasury.services.revenue import stream_open

SERVER = "Sim"
# name → book, currency, policy; what may change its policy; what has positions of our orders.
PAPER, LIVE = "paper", "live"
DESKS = {
    "alpha": (PAPER, "USD", "house"),
    "beta": (PAPER, "USD", "house"),
    "gamma": (PAPER, "EUR", "house"),
    "moving": (PAPER, "USD", "house"),
    "fund one": (PAPER, "USD", INVESTOR),
    "fund two": (PAPER, "USD", INVESTOR),
    "orders": (PAPER, "USD", "house"),
    "orders of others": (PAPER, "USD", "subscription"),
    "true one": (LIVE, "USD", "house"),
    "true two": (LIVE, "EUR", "house"),
}
MOVING, WITH_ORDERS = ("moving",), ("orders", "orders of others")
STREAMS = ("Signals", "Lessons")


def world_make(seed: int) -> World:
    """A world over the database in use, an hour after its accounts were made."""
    world = World(seed)
    world.passes(3_600)
    world.people = tuple(f"user:{staff_make('ops').pk}" for _ in range(2))  # type: ignore[assignment]
    for name, (book, currency, _) in DESKS.items():
        _desk(world, name, book, currency)
    for name in STREAMS:
        _stream(world, name)
    for name, (_, _, policy) in DESKS.items():
        if policy != "house":
            _bound(world, world.desks[name], policy)
    for desk in world.desks.values():
        _first_deals(world, desk)
    live = world.desks["true one"]
    world.pending.append((known_make(world, live), Told(1, MYSTERY, profit=CENT)))
    caught_up(world)
    world.bound = paper_bound(opening=chains.SUPPLY)
    world.chain = Chain(PAPER, world.books, (chains.SUPPLY, chains.SUPPLY))
    chains.bound_open(world)
    for book in (PAPER, LIVE):
        tell(world, book)
    seal(world)
    return world


def _desk(world: World, name: str, book: str, currency: str) -> None:
    login = str(1_001 + len(world.desks))
    row = broker_account_make(name=name, book=book, server=SERVER, login=login, currency=currency)
    account = Account(row.pk, book, f"{SERVER}-{login}", currency)
    roots = [f"{root}:Trading:{account.part}" for root in ("Income", "Expenses")]
    moves = name if name in MOVING else ""
    world.paying.sources.append(Source(book, currency, roots, account, moves))
    is_fund = DESKS[name][2] == INVESTOR
    if is_fund:
        world.paying.funds[row.pk] = Fund(account)
    world.desks[name] = Desk(
        row,
        account,
        is_trading=name not in WITH_ORDERS,
        is_fund=is_fund,
        accrues=DESKS[name][2] == "house",
    )


def _stream(world: World, name: str) -> None:
    facts = {"book": PAPER, "name": name, "currency": "USD"}
    stream = stream_open(digits=2, actor=world.people[0], **facts)
    source = Source(PAPER, "USD", [f"Income:Revenue:{name}"], name=name)
    world.paying.sources.append(source)
    world.streams[stream.pk] = source


def _bound(world: World, desk: Desk, policy: str) -> None:
    world.passes()
    refused = wanted(
        world,
        "policies bound",
        lambda: bind_ask(
            policy_code=policy,
            source=desk.row.name,
            book=desk.account.book,
            reason="begins",
            actor=world.people[0],
        ),
    )
    world.expect("a policy is bound", "", refused)
    source = next(one for one in world.paying.sources if one.account is desk.account)
    source.bind(policy, world.books)
    world.passes()


def _first_deals(world: World, desk: Desk) -> None:
    """One of each kind, so that every account of the ledger is there from the beginning."""
    for swap in (CENT, -CENT):
        for kind in KINDS:
            entry = "out" if kind in ("buy", "sell") else ""
            costs: dict[str, Any] = {"swap": swap, "commission": -CENT, "fee": -CENT}
            told = Told(1, kind, entry, profit=100 * CENT, **costs)
            world.pending.append((known_make(world, desk), told))
