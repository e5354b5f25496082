"""Handlers at work: claimed in batches, worked in any order, killed, and sometimes worked twice."""

from collections.abc import Iterator, Sequence
from functools import partial

from django.db import connection, transaction

from fusion_project.events.models import Handling
from fusion_project.events.registry import Handler, handler_get
from fusion_project.events.services import handling_retry
from fusion_project.events.work import Claim, claim, run_claims
from tests.drills.sim.crash import Killed
from tests.drills.sim.world import Known, World

DEALS, POSITIONS, CARRY_OUT = (
    "treasury.post_deals",
    "tokens.post_position",
    "second_person.carry_out",
)
LEASE_SECONDS = 25
BATCH_MAX = 50


def deals_work(world: World) -> None:
    """Post what waits: a few batches are claimed, and worked in another order."""
    handler = handler_get(DEALS)
    while batches := list(_batches(world, handler)):
        world.chance.shuffle(batches)
        for claims in batches:
            world.chance.shuffle(claims)
            if world.chosen(0.01):
                claims = _outlived(world, handler, claims)
            run(world, handler, claims)


def positions_work(world: World) -> None:
    """Post what positions earn; one whose deals are not posted yet waits."""
    _one_by_one(world, handler_get(POSITIONS))


def requests_work(world: World) -> None:
    """Carry out what two people want."""
    _one_by_one(world, handler_get(CARRY_OUT))


def run(world: World, handler: Handler, claims: Sequence[Claim]) -> None:
    """Work on claims; the model follows what was marked done."""
    try:
        world.crashes.once(handler.name, lambda: run_claims(handler, claims))
    except Killed:
        world.did["processes killed in a handler"] += 1
    done = handlings_done(claims)
    worked = [one for one in claims if one.handling_id in done]
    posted = told(world, handler, worked)
    if posted and world.chosen(0.04):
        _worked_again(world, handler, worked, posted)


def told(world: World, handler: Handler, claims: Sequence[Claim]) -> list[Known]:
    """Tell the model what a handler has done; returns whose deals were posted by it."""
    posted = []
    for one in claims:
        known = world.waiting.pop(one.event.subject_id, None) if handler.name == DEALS else None
        if known is not None:
            world.deals.post(known.ticket)
            posted.append(known)
        elif handler.name == POSITIONS:
            world.tokens.post(world.folded[one.event.subject_id].held)
    return posted


def handlings_done(claims: Sequence[Claim]) -> set[int]:
    ids = [one.handling_id for one in claims]
    rows = Handling.objects.filter(id__in=ids, done_at__isnull=False)
    return set(rows.values_list("id", flat=True))


def is_quiet(world: World) -> bool:
    """Whether nothing is due, now or later; what was parked is tried again, as a person would."""
    for number in Handling.objects.filter(done_at=None, due_at=None).values_list("id", flat=True):
        handling_retry(handling_id=number)
        world.did["parked handlings tried again"] += 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM events_handling WHERE done_at IS NULL)")
        return not cursor.fetchone()[0]


def _batches(world: World, handler: Handler) -> Iterator[list[Claim]]:
    for _ in range(3):
        count = world.chance.randint(1, BATCH_MAX)
        claims = world.crashes.again("claim", partial(claim, handler, count=count))
        if claims:
            yield list(claims)


def _one_by_one(world: World, handler: Handler) -> None:
    while claims := world.crashes.again("claim", lambda: claim(handler, count=10)):
        world.chance.shuffle(claims)
        for one in claims:
            run(world, handler, [one])


def _outlived(world: World, handler: Handler, claims: list[Claim]) -> list[Claim]:
    """A lease runs out, others do the same work, and the first comes back: its work is lost.

    Where the others took something else, the first is still in time. Returns what is left.
    """
    world.passes(LEASE_SECONDS)
    run(world, handler, claim(handler, count=BATCH_MAX))
    run_claims(handler, claims)
    world.did["claims that outlived their lease"] += 1
    done = handlings_done(claims)
    told(world, handler, [one for one in claims if one.handling_id in done])
    return [one for one in claims if one.handling_id not in done]


def _worked_again(
    world: World, handler: Handler, claims: Sequence[Claim], posted: Sequence[Known]
) -> None:
    """The same deals once more, as after a doorbell that rang twice."""
    with transaction.atomic():
        handler.work([one.event for one in claims])
    for known in posted:
        world.deals.post(known.ticket)
    world.did["batches worked twice"] += 1
