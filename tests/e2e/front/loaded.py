"""The web server's application, and an address that tells which libraries it has loaded."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from fusion_project.rsgi import application as served

LIBRARIES = ("numpy", "openai", "river", "scipy")


class Loaded:
    """Everything but one path is the application's."""

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        served.__rsgi_init__(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        served.__rsgi_del__(loop)

    async def __rsgi__(self, scope: Any, exchange: Any) -> None:
        if scope.path != "/loaded":
            await served.__rsgi__(scope, exchange)
            return
        found = [name for name in (*LIBRARIES, "django") if name in sys.modules]
        exchange.response_str(200, [("content-type", "application/json")], json.dumps(found))


application = Loaded()
