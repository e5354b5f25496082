"""The process of a market that posts alerts: a round after each bar, until told to stop."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from fusion_project.local.home.folder import Home, json_read
from fusion_project.local.home.side_process import side_start
from fusion_project.local.market.rules.prices import BAR_SECONDS, bar_open_at


class PlayedMarket(Protocol):
    """What has something to say after a bar."""

    def bar_play(self, at: datetime, *, pause: Callable[[float], object]) -> None:
        """Post what follows from the last bar closed at this time."""


def market_run(make: Callable[[Home, str, dict[str, str]], PlayedMarket], description: str) -> None:
    """Read the command line, make the market, and play it until a signal comes."""
    home, base_url, stop = side_start(description)
    rounds_play(make(home, base_url, json_read(home.demo_secrets)["strategies"]), stop)


def rounds_play(market: PlayedMarket, stop: threading.Event) -> None:
    """A round shortly after each bar's close."""
    while not stop.is_set():
        moment = datetime.now(UTC)
        following = bar_open_at(moment) + timedelta(seconds=BAR_SECONDS, milliseconds=200)
        if stop.wait((following - moment).total_seconds()):
            return
        market.bar_play(following, pause=stop.wait)
