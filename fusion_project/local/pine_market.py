"""The sample market played by the real Pine scripts: `make run ALERTS=pine`.

After each bar every script gets its new bars and what it sends is posted. How far each one has
come, and what the webhook has not yet taken, is kept in FUSION_HOME/market: a restart sends what is
owed and never skips an exit.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from fusion_project.local.home import Home, json_read, json_write
from fusion_project.local.hook_sender import STORED, HookSender
from fusion_project.local.market import BAR_SECONDS, INSTRUMENTS, Bar, Market
from fusion_project.local.market_rounds import market_run
from fusion_project.local.pine_runner import PineRunner, PineRunnerFailed, Told
from fusion_project.local.pine_strategies import PINE_STRATEGIES, PineStrategy

logger = logging.getLogger("fusion.market")

# A text that cannot be read will not be read later either.
_UNREADABLE = (400, 413, 422)
# A script that has run for so long is opened anew, so that its memory does not grow for ever.
BARS_MAX = 3_000
# After a longer pause the bars between are not worth telling.
CATCH_UP_BARS_MAX = 700


@dataclass(slots=True)
class Progress:
    """The last bar that was dealt with, and the texts still to be stored, oldest first."""

    done: int
    owed: list[str] = field(default_factory=list)


class PineMarket:
    """All scripts on all their instruments, and their sender."""

    def __init__(
        self,
        home: Home,
        base_url: str,
        secrets: dict[str, str],
        *,
        transport: httpx2.BaseTransport | None = None,
        runner: PineRunner | None = None,
        strategies: tuple[PineStrategy, ...] = PINE_STRATEGIES,
    ) -> None:
        self._path = home.path / "market" / "pine.json"
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        self._sender = HookSender(base_url, secrets, transport=transport)
        self._runner = runner or PineRunner()
        self._strategies = strategies
        self._market = Market()
        self._fed: dict[str, int] = {}
        self._progress = {
            key: Progress(**value) for key, value in (json_read(self._path) or {}).items()
        }

    def bar_play(self, at: datetime, *, pause: Callable[[float], object]) -> None:
        """What every script says of the bars closed at this time."""
        for strategy in self._strategies:
            for name in strategy.instruments:
                try:
                    self._play(strategy, name, at)
                except PineRunnerFailed as error:
                    logger.error("script failed", extra={"error": str(error)})
                pause(0.01)

    def _play(self, strategy: PineStrategy, name: str, at: datetime) -> None:
        key = f"{strategy.script}/{name}"
        step = strategy.bar_seconds * 1000
        last = _ms(at) // step * step - step
        known = self._progress.get(key)
        progress = known or Progress(done=last - step)
        before = Progress(progress.done, list(progress.owed))
        if last > progress.done:
            told = self._ask(key, strategy, name, last, progress.done)
            # Opened with its history, a script tells that as well.
            progress.owed += [one.text for one in told if one.bar_time > progress.done]
            progress.done = last
        self._deliver(strategy.script, progress)
        if known is None or progress != before:
            self._progress[key] = progress
            self._save()

    def _ask(self, key: str, strategy: PineStrategy, name: str, last: int, done: int) -> list[Told]:
        missing = (last - done) // (strategy.bar_seconds * 1000)
        if self._runner.is_open(key) and missing < BARS_MAX - self._fed.get(key, 0):
            self._fed[key] += missing
            return self._runner.ask({"key": key, "bars": self._bars(strategy, name, last, missing)})
        count = strategy.history + min(missing, CATCH_UP_BARS_MAX)
        self._fed[key] = count
        instrument = INSTRUMENTS[name]
        return self._runner.ask({
            "key": key,
            "script": strategy.script,
            "symbol": f"{instrument.exchange}:{name}",
            "mintick": float(instrument.tick_size),
            "timeframe": strategy.timeframe,
            "inputs": dict(strategy.inputs),
            "bars": self._bars(strategy, name, last, count),
        })  # fmt: skip

    def _bars(self, strategy: PineStrategy, name: str, last: int, count: int) -> list[list[Any]]:
        """The last `count` bars up to the one that opens at `last`, as the runner wants them."""
        step = strategy.bar_seconds * 1000
        return [self._bar(strategy, name, last - step * n) for n in range(count - 1, -1, -1)]

    def _bar(self, strategy: PineStrategy, name: str, open_at: int) -> list[Any]:
        first = datetime.fromtimestamp(open_at // 1000, UTC)
        parts: list[Bar] = [
            self._market.bar(name, first + timedelta(seconds=BAR_SECONDS * n))
            for n in range(strategy.bar_seconds // BAR_SECONDS)
        ]
        prices = (
            parts[0].open, max(one.high for one in parts), min(one.low for one in parts),
            parts[-1].close,
        )  # fmt: skip
        # The sample has no volume.
        return [open_at, *(float(price) for price in prices), None]

    def _deliver(self, slug: str, progress: Progress) -> None:
        """In order: what comes later waits until what came before is stored."""
        while progress.owed:
            event = json.loads(progress.owed[0])["event"]
            status = self._sender.post(slug, progress.owed[0], event)
            if status not in (*STORED, *_UNREADABLE):
                return
            del progress.owed[0]

    def _save(self) -> None:
        json_write(
            self._path,
            {key: {"done": one.done, "owed": one.owed} for key, one in self._progress.items()},
        )


def _ms(at: datetime) -> int:
    return int(at.timestamp()) * 1000


def main() -> None:
    market_run(PineMarket, "Post the alerts of the Pine scripts over the sample market's bars.")


if __name__ == "__main__":
    main()
