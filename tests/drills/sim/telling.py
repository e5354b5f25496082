"""What keeps a ledger current: heartbeats that are compared, seals, checkpoints, marks."""

from decimal import Decimal
from functools import partial

from django.db import connection

from execution.models import BrokerAccount
from fusion_project.events.sealing import seal_turn, sealed_logs
from tests.drills.sim.handling import deals_work, positions_work
from tests.drills.sim.model.deals import CASH, CREDIT
from tests.drills.sim.storing import money
from tests.drills.sim.trading import CENT, flush
from tests.drills.sim.world import Desk, World
from treasury.services.checkpoints import cash_keep, checkpoint_make, posted_mark_raise
from treasury.services.control import account_check

FRESH_SECONDS = 120
SEAL_TRIES = 1_500
_UNSEALED = """
    SELECT count(*) FROM treasury_entry e
    WHERE e.id > (SELECT coalesce(max(floor_id), 0) FROM events_sealbatch WHERE log = 'treasury')
        AND NOT EXISTS (
            SELECT FROM events_sealleaf l WHERE l.log = 'treasury' AND l.row_id = e.id)"""


def caught_up(world: World) -> None:
    """All that was told is stored and worked on, as far as nobody else has it."""
    flush(world)
    deals_work(world)
    positions_work(world)


def tell(world: World, book: str) -> None:
    """A heartbeat of each account of the book: what its broker's books say, seldom wrong."""
    caught_up(world)
    world.passes()
    for desk in world.of_book(book):
        off = CENT if world.chosen(0.005) else 0
        desk.account.floating = _floating(world)
        _heartbeat(world, desk, off)
        world.crashes.again("check", partial(account_check, account_id=desk.row.pk))
        desk.is_blind = is_behind(world, desk)
        if not desk.is_blind:
            desk.told_at, desk.is_wrong = world.seconds, bool(off)


def is_behind(world: World, desk: Desk) -> bool:
    """Whether deals of the account are not in the ledger: then nothing can be compared."""
    is_waiting = any(one.desk is desk for one in world.waiting.values())
    return is_waiting or world.deals.held[desk.account.number] > 0


def is_green(world: World, desk: Desk) -> bool:
    """Whether the figures of the account, as last told, can be counted on."""
    is_fresh = desk.told_at is not None and world.seconds - desk.told_at <= FRESH_SECONDS
    return is_fresh and not desk.is_wrong


def price_falls(world: World, book: str) -> None:
    """Open positions lose between two looks."""
    for desk in world.of_book(book):
        desk.account.floating -= world.chance.randrange(500) * CENT
        floating = Decimal(money(desk.account.floating))
        BrokerAccount.objects.filter(id=desk.row.pk).update(floating=floating)


def seal(world: World) -> None:
    """Seal all that is final: what came before the transaction that is still open."""
    cut = world.books.sealed()
    for _ in range(SEAL_TRIES):
        for log in sealed_logs():
            world.crashes.again("seal", partial(seal_turn, log))
        with connection.cursor() as cursor:
            cursor.execute(_UNSEALED)
            left = cursor.fetchone()[0]
        # The server's own housekeeping may hold it up for a moment.
        if left <= world.books.index - cut.index:
            break
    world.expect("entries that are not sealed", world.books.index - cut.index, left)
    world.sealed = cut


def tick(world: World) -> None:
    """What runs every minute or so."""
    caught_up(world)
    seal(world)
    world.crashes.again("checkpoint", lambda: checkpoint_make(entries_min=100))
    world.crashes.again("cash", cash_keep)
    for desk in world.desks.values():
        if world.chosen(0.3):
            world.crashes.again("mark", partial(posted_mark_raise, account=desk.row))


def _floating(world: World) -> int:
    return world.chance.randrange(-3_000, 2_000) * CENT if world.chosen(0.5) else 0


def _heartbeat(world: World, desk: Desk, off: int) -> None:
    account = desk.account
    cash, credit = (
        round_half_even(world.books.balance(account.book, account.code(one)), CENT)
        for one in (CASH, CREDIT)
    )
    cash += off
    BrokerAccount.objects.filter(id=desk.row.pk).update(
        balance=Decimal(money(cash)),
        credit=Decimal(money(credit)),
        floating=Decimal(money(account.floating)),
        equity=Decimal(money(cash + credit + account.floating)),
        heartbeat_at=world.now,
        watermark_time_msc=desk.newest[0],
        watermark_ticket=desk.newest[1],
        open_tickets=sorted(desk.opened),
    )


def round_half_even(units: int, step: int) -> int:
    """The nearest multiple of `step`; of two the even one."""
    whole, rest = divmod(units, step)
    if 2 * rest > step or (2 * rest == step and whole % 2):
        whole += 1
    return whole * step
