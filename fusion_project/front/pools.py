"""The threads of one kind of request, and the line before them."""

import logging
import threading
from queue import SimpleQueue

from django.db import connections

from fusion_project.front.calls import Call, WsgiApplication
from fusion_project.front.kinds import WAITING_MAX, Kind

logger = logging.getLogger("fusion.front")


class Pool:
    """Threads that answer calls of one kind in the order in which they came."""

    def __init__(self, kind: Kind, application: WsgiApplication) -> None:
        self._application = application
        self._line: SimpleQueue[Call | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{kind.name}-{number}", daemon=True)
            for number in range(kind.threads)
        ]
        for thread in self._threads:
            thread.start()

    def take(self, call: Call) -> bool:
        """Put the call in line, unless too many wait."""
        if self._line.qsize() >= WAITING_MAX:
            return False
        self._line.put(call)
        return True

    def stop(self, seconds: float) -> None:
        """Answer what is in line, then end; `seconds` for each thread to do so."""
        for _ in self._threads:
            self._line.put(None)
        for thread in self._threads:
            thread.join(seconds)

    def _work(self) -> None:
        while (call := self._line.get()) is not None:
            call.answer(self._application)
        connections.close_all()
