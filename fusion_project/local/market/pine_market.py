"""The sample market played by the real Pine scripts: `make run ALERTS=pine`.

After each bar every script gets its new bars and what it sends is posted. How far each one has
come, what it has open, and what the webhook has not yet taken is kept in FUSION_HOME/market. A
restart sends what is owed; a trade that a script no longer remembers then, because it began before
the bars that are played again, is exited.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

from fusion_project.local.home.folder import Home, json_read, json_write
from fusion_project.local.market.hook_sender import STORED, HookSender
from fusion_project.local.market.pine_runner import PineRunner, PineRunnerFailed, Told
from fusion_project.local.market.rounds import market_run
from fusion_project.local.market.rules.pine_strategies import PINE_STRATEGIES, PineStrategy
from fusion_project.local.market.rules.prices import INSTRUMENTS, Market

logger = logging.getLogger("fusion.market")

# A text that cannot be read will not be read later either.
_UNREADABLE = (400, 413, 422)
# A script that has run for so long is opened anew, so that its memory does not grow for ever.
BARS_MAX = 3_000
# After a longer pause the bars between are not worth telling.
CATCH_UP_BARS_MAX = 700


@dataclass(slots=True)
class Progress:
    """The last bar that was dealt with, the texts still to be stored, oldest first, and the entry
    of the trade that is open."""

    done: int
    owed: list[str] = field(default_factory=list)
    entry: dict[str, Any] | None = None

    def tell(self, text: str) -> None:
        """Owe a text, and remember what it opens or ends."""
        message = json.loads(text)
        self.owed.append(text)
        if message["event"] == "entry":
            self.entry = message
        elif message["event"] in ("exit", "cancel"):
            self.entry = None


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
        progress = self._progress.setdefault(key, Progress(done=last - step))
        # A clock that was set back must not silence a script until it has caught up.
        progress.done = min(progress.done, last)
        try:
            # What is owed does not wait for a runner that fails.
            self._deliver(strategy.script, progress)
            if last > progress.done:
                self._advance(key, strategy, name, last, progress)
                self._deliver(strategy.script, progress)
        finally:
            self._save()

    def _advance(
        self, key: str, strategy: PineStrategy, name: str, last: int, progress: Progress
    ) -> None:
        """Hand over the bars since the last ones, and owe what follows from them."""
        step = strategy.bar_seconds * 1000
        missing = min((last - progress.done) // step, CATCH_UP_BARS_MAX)
        since = last - missing * step
        if self._goes_on(key, missing, progress):
            self._fed[key] += missing
            bars = self._bars(strategy, name, last, missing)
            told = self._runner.ask({"key": key, "bars": bars})
        else:
            told = self._open(key, strategy, name, last, strategy.history + missing)
            if progress.entry is not None and not _remembers(told, progress.entry):
                progress.tell(_exit_text(progress.entry, last, step))
        # Opened with its history, a script tells that as well.
        for one in told:
            if one.bar_time > since:
                progress.tell(one.text)
        progress.done = last

    def _goes_on(self, key: str, missing: int, progress: Progress) -> bool:
        """Whether the running script gets the next bars. It is not opened anew in mid-trade."""
        has_room = self._fed.get(key, 0) + missing < BARS_MAX or progress.entry is not None
        is_next = missing < CATCH_UP_BARS_MAX
        return self._runner.is_open(key) and has_room and is_next

    def _open(
        self, key: str, strategy: PineStrategy, name: str, last: int, count: int
    ) -> list[Told]:
        self._fed[key] = count
        instrument = INSTRUMENTS[name]
        return self._runner.ask(
            {
                "key": key,
                "script": strategy.script,
                "symbol": f"{instrument.exchange}:{name}",
                "mintick": float(instrument.tick_size),
                "timeframe": strategy.timeframe,
                "inputs": dict(strategy.inputs),
                "bars": self._bars(strategy, name, last, count),
            }
        )

    def _bars(self, strategy: PineStrategy, name: str, last: int, count: int) -> list[list[Any]]:
        """The last `count` bars up to the one that opens at `last`, as the runner wants them."""
        step = strategy.bar_seconds * 1000
        return [self._bar(strategy, name, last - step * n) for n in range(count - 1, -1, -1)]

    def _bar(self, strategy: PineStrategy, name: str, open_at: int) -> list[Any]:
        first = datetime.fromtimestamp(open_at // 1000, UTC)
        bar = self._market.wide_bar(name, first, strategy.bar_seconds)
        prices = (bar.open, bar.high, bar.low, bar.close)
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
            {key: asdict(one) for key, one in self._progress.items()},
        )


def _remembers(told: list[Told], entry: dict[str, Any]) -> bool:
    """Whether the bars played again hold the entry of the open trade."""
    return any(json.loads(one.text)["id"] == entry["id"] for one in told)


def _exit_text(entry: dict[str, Any], bar_time: int, step: int) -> str:
    """The exit of a trade that its script has forgotten, as the script would write it."""
    kept = ("schema", "v", "minor", "script", "script_ver", "symbol", "exchange", "tf", "env")
    side = "sell" if entry["side"] == "buy" else "buy"
    where = f"{entry['exchange']}:{entry['symbol']}:{entry['tf']}:{bar_time}"
    return json.dumps(
        {
            **{name: entry[name] for name in kept},
            "id": f"{entry['script']}:{entry['script_ver']}:{where}:exit:{side}:0",
            "event": "exit",
            "trade_id": entry["trade_id"],
            "side": side,
            "position": "flat",
            "bar_time": bar_time,
            "bar_close": bar_time + step,
            "sent_at": bar_time + step,
            "ref_price": None,
            "reason": "forgotten",
        }
    )


def _ms(at: datetime) -> int:
    return int(at.timestamp()) * 1000


def main() -> None:
    market_run(PineMarket, "Post the alerts of the Pine scripts over the sample market's bars.")


if __name__ == "__main__":
    main()
