"""The one connection of a web process that hears what rings its bell.

It carries keys alone, never facts: who is rung looks for himself. Lost, it is made anew, and as
long as it is away nobody is kept waiting.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import psycopg

from fusion_project.front.waiting import Bell

logger = logging.getLogger("fusion.front")

CHANNEL: Final = "fusion_look"
# After a pause of so long it is asked whether it still lives, and given so long to say so.
PROBE_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 2.0
AGAIN_SECONDS: Final = 1.0
_TEST: Final = "test "


def listen_options(database: Mapping[str, Any]) -> dict[str, Any]:
    """Return psycopg's words for a database of Django's settings; a dead peer is soon noticed."""
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
    told = {word: database.get(name) for name, word in {**names, "PORT": "port"}.items()}
    return {
        **{word: value for word, value in told.items() if value},
        **database.get("OPTIONS", {}),
        "connect_timeout": 2,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
    }


class Listener:
    """Listens on CHANNEL; `options` are those of psycopg's connect.

    `clock_sql` asks for the seconds since 1970 of the clock by which callers say since when.
    """

    def __init__(self, bell: Bell, options: Mapping[str, Any], clock_sql: str) -> None:
        self._bell = bell
        self._clock_sql = clock_sql
        self._options = {**options, "autocommit": True, "application_name": "fusion listens"}

    async def run(self) -> None:
        """Listen for as long as the process lives."""
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError, TimeoutError) as error:
                logger.warning("listening ended", extra={"error": type(error).__name__})
            finally:
                self._bell.silence()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        """Others are heard once it has heard itself: behind some poolers nothing ever comes."""
        async with asyncio.timeout(ANSWER_SECONDS):
            connection = await psycopg.AsyncConnection.connect(**self._options)
        async with connection:
            await self._ask(connection, f"LISTEN {CHANNEL}")
            test = f"{_TEST}{uuid4().hex}"
            await self._clock_take(connection)
            await self._ask(connection, "SELECT pg_notify(%s, %s)", CHANNEL, test)
            while True:
                async for told in connection.notifies(timeout=PROBE_SECONDS):
                    if told.payload == test:
                        self._bell.is_heard = True
                    elif not told.payload.startswith(_TEST):
                        self._bell.ring(told.payload)
                await self._clock_take(connection)

    async def _clock_take(self, connection: psycopg.AsyncConnection[Any]) -> None:
        answer = await self._ask(connection, self._clock_sql)
        row = await answer.fetchone()
        assert row is not None
        self._bell.clock_set(row[0])

    async def _ask(
        self, connection: psycopg.AsyncConnection[Any], query: Any, *values: str
    ) -> psycopg.AsyncCursor[Any]:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await connection.execute(query, values or None)
