"""One run: operations by chance, looks at the whole ledger now and then, and what was found."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.drills.sim import (
    chains,
    converting,
    giving,
    investors,
    late,
    payouts,
    positions,
    telling,
    trading,
)
from tests.drills.sim.comparing import differences, settle
from tests.drills.sim.making import world_make
from tests.drills.sim.world import Differs, World

Op = Callable[[World], None]
# How often each is done, of ten thousand.
OPS: dict[Op, int] = {
    trading.deal: 7_900,
    trading.restate: 1_600,
    trading.again: 60,
    late.begin: 60,
    telling.tick: 60,
    payouts.payout: 25,
    payouts.revenue: 10,
    payouts.clear: 10,
    payouts.bind: 2,
    investors.units: 25,
    positions.trade: 50,
    positions.retrade: 40,
    giving.give: 12,
    converting.convert: 8,
    converting.price: 6,
    converting.complete: 6,
    converting.gap: 2,
    chains.look: 60,
    chains.intend: 14,
    chains.act: 20,
    chains.drift: 1,
}
LATE_ENDS, LATE_OPS_MAX = 0.05, 60


@dataclass
class Run:
    """`every`: operations between two looks at the whole ledger; a line of progress each look.

    `say_seconds`: another line wherever that long nothing was said; 0 for none.
    """

    seed: int
    ops: int
    every: int
    say: Callable[[str], None]
    weights: dict[Op, int] = field(default_factory=lambda: OPS)
    say_seconds: float = 0
    number: int = 0
    since_late: int = 0
    began: float = field(default_factory=time.monotonic)
    said_at: float = field(default_factory=time.monotonic)

    def go(self) -> list[str]:
        """What differs, each line with both figures; nothing where all is as the model says."""
        world = world_make(self.seed)
        ops, weights = list(self.weights), list(self.weights.values())
        self.began = time.monotonic()
        try:
            while self.number < self.ops:
                self.number += 1
                world.chance.choices(ops, weights)[0](world)
                self._late(world)
                if self.number % self.every == 0 or self.number == self.ops:
                    settle(world)
                    found = differences(world)
                    self._progress(world, f"{len(found)} differences")
                    if found:
                        return found
                elif self.say_seconds and time.monotonic() - self.said_at > self.say_seconds:
                    self._progress(world, "on its way")
        except Differs as one:
            return [str(one)]
        except BaseException:
            self.say(f"seed {self.seed}, operation {self.number}:")
            raise
        finally:
            if world.late is not None:
                world.late.end(world, commits=False)
        self._summary(world)
        return []

    def _late(self, world: World) -> None:
        self.since_late = self.since_late + 1 if world.late is not None else 0
        if self.since_late > LATE_OPS_MAX or world.chosen(LATE_ENDS):
            late.end(world)

    def _progress(self, world: World, what: str) -> None:
        self.said_at = time.monotonic()
        took = self.said_at - self.began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.say(
            f"operation {self.number} of {self.ops}: {what},"
            f" {sum(world.books.kinds.values())} entries, {self.number / took:.0f} ops/s,"
            f" {took:.0f} s, {memory} MB"
        )

    def _summary(self, world: World) -> None:
        for what, count in sorted(world.did.items()):
            self.say(f"  {what}: {count}")
        for (book, kind), count in sorted(world.books.kinds.items()):
            self.say(f"  entries {book} {kind}: {count}")
        kills = world.crashes.kills
        self.say(f"  killed: {sum(kills.values())} ({', '.join(sorted(kills))})")
