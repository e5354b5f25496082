"""Processes that die: the connection breaks before a statement, and the work is done again."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection

R = TypeVar("R")
STATEMENTS_FIRST = 12


class Killed(BaseException):
    """The process is gone; nothing of ours catches this."""


class Crashes:
    """Kills a share of all works before one of their statements, each as likely as the others.

    Nothing of a broken transaction is kept by the server, as with a process that was killed.
    """

    def __init__(self, chance: random.Random, share: float) -> None:
        self.chance, self.share = chance, share
        self.kills: Counter[str] = Counter()
        self._statements: dict[str, int] = {}

    def once(self, name: str, work: Callable[[], R]) -> R:
        """Do the work, or die on the way: raises Killed."""
        limit = self._statements.get(name, STATEMENTS_FIRST)
        at = self.chance.randrange(limit) if self.chance.random() < self.share else -1
        sent = 0

        def execute(run: Callable[..., Any], *args: Any) -> Any:
            nonlocal sent
            if sent == at:
                connection.close()
                raise Killed
            sent += 1
            return run(*args)

        try:
            with connection.execute_wrapper(execute):
                done = work()
        except Killed:
            self.kills[name] += 1
            raise
        self._statements[name] = max(sent, 1)
        return done

    def again(self, name: str, work: Callable[[], R]) -> R:
        """Do the work; where it died, another process does it from its beginning."""
        while True:
            try:
                return self.once(name, work)
            except Killed:
                continue
