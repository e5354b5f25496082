"""What must hold at every moment of a run; each breach is a fault in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from execution.rules.retcodes import FIX_ONCE, PAUSE, RETCODES, RETRY
from mql5.host.broker import Row, Truth
from mql5.host.running import CRASHED, Yielded
from tests.e2e.ea.fuzz.journal import RECEIVED, journal_read
from tests.e2e.ea.fuzz.serving import Desk

if TYPE_CHECKING:
    from tests.e2e.ea.fuzz.desk import WatchedBench

PERMIT_MS: Final = 3000
# After these the broker has surely done nothing, so the same order may be asked again.
_NOTHING_DONE: Final = (RETRY, FIX_ONCE, PAUSE)
_TAKEN: Final = ("10008", "10009", "10010", "10025")


@dataclass
class Watch:
    """Looks at broker and program at each wait of the program, and at its ends."""

    desk: Desk
    bench: WatchedBench = field(init=False)
    faults: list[str] = field(default_factory=list)
    deaths: int = 0
    # Entries that may never be asked again, and how often they were asked by then.
    ended_entries: dict[str, int] = field(default_factory=dict)
    _naked: frozenset[str] = frozenset()
    _asked: int = 0
    _stamp: tuple[int, int] = (0, 0)
    _truth: Truth | None = None

    def fault(self, text: str) -> None:
        if text not in self.faults:
            self.faults.append(text)

    def truth(self) -> Truth:
        """The broker's book as it stands; read anew only where it was written."""
        found = self.bench.broker.book.stat()
        stamp = (found.st_ino, found.st_mtime_ns)
        if self._truth is None or stamp != self._stamp:
            self._truth, self._stamp = self.bench.broker.book_read(), stamp
        return self._truth

    def look(self, waits: Yielded) -> None:
        """At a wait of the program. A beat is over where it waits for its timer."""
        if waits.why != "timer":
            return
        truth = self.truth()
        naked = frozenset(one["id"] for one in truth.positions if self._is_naked(one))
        excused = self._is_excused(truth, truth.asked[self._asked :])
        for position in self._naked & naked if not excused else ():
            self.fault(f"position {position} of ours is without a stop longer than a beat")
        self._naked, self._asked = naked, len(truth.asked)

    def _is_naked(self, position: Row) -> bool:
        return Decimal(position["sl"]) == 0 and position["magic"] in self.entries()

    def _is_excused(self, truth: Truth, since: list[Row]) -> bool:
        """The program could do nothing, or tried and was refused."""
        account = truth.account
        cannot = account["connected"] == "0" or account["autotrading"] == "0"
        tried = any(one["retcode"] not in _TAKEN or one["effect"] for one in since)
        blind = any(one["effect"] == "lag" for one in truth.asked[-3:])
        return cannot or tried or blind

    def entries(self) -> set[str]:
        return self.bench.entry_magics

    def ended(self, code: int, *, was_killed: bool) -> None:
        """The program has ended: in order, by a crash that was ordered, or by its own fault."""
        self._naked = frozenset()
        if code not in (0, CRASHED):
            self.fault(f"the program ended with {code}: {self.bench.log.splitlines()[-1]}")
        if was_killed:
            self.deaths += 1
        self.remember()

    def remember(self, *, journal_is_lost: bool = False) -> None:
        """What was asked, and is not known to have been refused, is never asked again."""
        counts = self.entry_counts(self.bench.broker.book_read())
        stages = {} if journal_is_lost else journal_read(self.bench.home / "terminal").stages
        for magic, count in counts.items():
            if journal_is_lost or stages.get(magic, RECEIVED) != RECEIVED:
                self.ended_entries.setdefault(magic, count)

    def entry_counts(self, truth: Truth) -> dict[str, int]:
        counts: dict[str, int] = {}
        for one in self._entry_requests(truth):
            counts[one["magic"]] = counts.get(one["magic"], 0) + 1
        return counts

    def _entry_requests(self, truth: Truth) -> list[Row]:
        opens = ("deal", "pending")
        return [one for one in truth.asked if one["action"] in opens and one["position"] == "0"]

    def judge_requests(self, truth: Truth) -> None:
        """At the end of a run: never two sends of one entry, none outside its permit."""
        last: dict[str, Row] = {}
        for one in self._entry_requests(truth):
            magic, before = one["magic"], last.get(one["magic"])
            if magic not in self.entries():
                self.fault(f"an entry was sent for {magic}, which is no entry")
            if before is not None and not _nothing_done(before):
                self.fault(f"entry {magic} was sent again after {before['retcode']}")
            if not self._is_permitted(one, int(truth.account["send_ms"])):
                self.fault(f"entry {magic} was sent at {one['at_ms']} without a permit")
            last[magic] = one
        for magic, count in self.entry_counts(truth).items():
            if count > self.ended_entries.get(magic, count):
                self.fault(f"entry {magic} was sent again after a restart")

    def _is_permitted(self, request: Row, send_ms: int) -> bool:
        sent_at = int(request["at_ms"]) - send_ms
        return any(
            0 <= sent_at - leave.at_ms <= PERMIT_MS and request["magic"] in leave.orders
            for leave in self.desk.leaves
        )


def _nothing_done(request: Row) -> bool:
    known = RETCODES.get(int(request["retcode"]))
    return known is not None and known.action in _NOTHING_DONE
