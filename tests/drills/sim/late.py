"""Transactions that commit late: their numbers are older than what others have written since."""

import os
import threading
from collections.abc import Sequence
from typing import Any, Protocol

import psycopg
from django.db import connection, connections, transaction

from fusion_project.events.registry import handler_get
from fusion_project.events.work import Claim, claim, run_claims
from tests.drills.sim.crash import Killed
from tests.drills.sim.handling import DEALS, told
from tests.drills.sim.storing import deals_store
from tests.drills.sim.trading import flush, known_make, new_told, stored
from tests.drills.sim.world import Pending, World

WAIT_SECONDS = 600
# The server ends who stands still in a transaction; here somebody does on purpose.
_PATIENT = "SET LOCAL idle_in_transaction_session_timeout = 0"


class Late(Protocol):
    """One open transaction."""

    holds_up: str

    def end(self, world: World, *, commits: bool) -> None: ...


class LateDeals:
    """Deals that their executor has told and that nobody sees yet."""

    holds_up = ""

    def __init__(self, world: World) -> None:
        desks = [one for one in world.desks.values() if one.is_trading]
        self.deals: list[Pending] = [
            (known_make(world, world.chance.choice(desks)), new_told(world))
            for _ in range(world.chance.randint(1, 10))
        ]
        self.connection = _connect()
        with self.connection.cursor() as cursor:
            cursor.execute(_PATIENT)
            self.ids = deals_store(cursor, self.deals, batch=world.number())
        world.books.somebody_begins()

    def end(self, world: World, *, commits: bool) -> None:
        """Everybody sees them now; or the connection broke, and the executor tells them again."""
        if commits:
            self.connection.commit()
            stored(world, self.deals, self.ids)
        self.connection.close()
        world.books.everybody_is_done()
        if not commits:
            world.pending += self.deals


class LatePosting:
    """A worker that has posted deals and has not committed yet, in a thread of its own."""

    def __init__(self, world: World, claims: Sequence[Claim]) -> None:
        self.claims = claims
        self.handler = handler_get(DEALS)
        self.known = [world.waiting[one.event.subject_id] for one in claims]
        for one in self.known:
            one.is_away = True
        self.holds_up = "|".join({one.desk.account.book for one in self.known})
        self._posted, self._end = threading.Event(), threading.Event()
        self._commits = False
        world.books.somebody_begins()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        assert self._posted.wait(WAIT_SECONDS), "the late worker never came to its end"

    def _work(self) -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(_PATIENT)
                run_claims(self.handler, self.claims)
                self._posted.set()
                self._end.wait(WAIT_SECONDS)
                if not self._commits:
                    connection.close()
                    raise Killed
        except Killed:
            pass
        finally:
            connections.close_all()

    def end(self, world: World, *, commits: bool) -> None:
        self._commits = commits
        self._end.set()
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive()
        for one in self.known:
            one.is_away = False
        if commits:
            told(world, self.handler, self.claims)
        world.books.everybody_is_done()


def begin(world: World) -> None:
    """One more late transaction, where there is none."""
    if world.late is not None:
        return
    if world.chosen(0.5):
        world.late = LateDeals(world)
        world.did["deals that committed late"] += 1
        return
    flush(world)
    claims = claim(handler_get(DEALS), count=world.chance.randint(1, 20))
    fresh = [one for one in claims if _is_new(world, one)]
    if fresh:
        world.late = LatePosting(world, fresh)
        world.did["postings that committed late"] += 1


def end(world: World) -> None:
    """It commits, or dies."""
    if world.late is not None:
        world.late.end(world, commits=world.chosen(0.8))
        world.late = None


def _is_new(world: World, one: Claim) -> bool:
    """The others keep their lease: a reversal may need accounts that nobody else may make now."""
    known = world.waiting[one.event.subject_id]
    return len(known.ticket.told) == 1


def _connect() -> Any:
    name = connections["default"].settings_dict["NAME"]
    return psycopg.connect(os.environ["DATABASE_URL"], dbname=name)
