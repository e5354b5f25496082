"""The sample market's process: after each 5-second bar it posts its strategies' alerts by HTTP, and
after each minute that minute's bars.

Now and then it sends one twice, or a bad one, as the real world does. What it has open is kept in
FUSION_HOME/market, so that a restart exits what it entered before.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2

from fusion_project.local.home.folder import Home, json_read, json_write
from fusion_project.local.market.bar_teller import BarTeller
from fusion_project.local.market.hook_sender import STORED, HookSender
from fusion_project.local.market.rounds import market_run
from fusion_project.local.market.rules.alert_text import message_text
from fusion_project.local.market.rules.prices import Market
from fusion_project.local.market.rules.sample_rules import (
    FAULTY_STRATEGY,
    SAMPLE_STRATEGIES,
    SampleStrategy,
)
from fusion_project.local.market.rules.sample_script import OpenTrade, bars_needed, messages_next

_BETWEEN_ALERTS_SECONDS = 0.5
_DUPLICATE_EVERY, _BAD_EVERY = 15, 20


class SampleMarket:
    """The scripts' open trades and their sender."""

    def __init__(
        self,
        home: Home,
        base_url: str,
        secrets: dict[str, str],
        *,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._state_path = home.path / "market" / "trades.json"
        self._state_path.parent.mkdir(mode=0o700, exist_ok=True)
        self._sender = HookSender(base_url, secrets, transport=transport)
        self._market = Market()
        self._bars = BarTeller(self._state_path.parent, self._sender, self._market)
        self._trades = {
            key: OpenTrade.from_json(value)
            for key, value in (json_read(self._state_path) or {}).items()
        }

    def bar_play(self, at: datetime, *, pause: Callable[[float], object]) -> None:
        """What every script says after the last bar closed at this time."""
        for rule in SAMPLE_STRATEGIES:
            for name in rule.instruments:
                self._play(rule, name, at, pause)
        for rule in SAMPLE_STRATEGIES:
            for name in rule.instruments:
                self._bars.tell(rule, name, at, pause)

    def _play(
        self, rule: SampleStrategy, name: str, at: datetime, pause: Callable[[float], object]
    ) -> None:
        key = f"{rule.slug}/{name}"
        bars = self._market.bars(name, until=at, count=bars_needed(rule))
        before = self._trades.get(key)
        trade, messages = messages_next(rule, name, bars, before, datetime.now(UTC))
        for message in messages:
            is_stored = self._send(rule.slug, message)
            if message["event"] == "exit" and not is_stored:
                # Asked again after the next bar: an exit is owed until it is stored.
                trade = before
                break
            if message["event"] == "entry" and is_stored:
                trade = OpenTrade.of_entry(message)
            self._mischief(rule.slug, message)
            pause(_BETWEEN_ALERTS_SECONDS)
        self._remember(key, before, trade)

    def _remember(self, key: str, before: OpenTrade | None, trade: OpenTrade | None) -> None:
        if trade == before:
            return
        if trade is None:
            self._trades.pop(key, None)
        else:
            self._trades[key] = trade
        json_write(self._state_path, {key: one.to_json() for key, one in self._trades.items()})

    def _mischief(self, slug: str, message: dict[str, Any]) -> None:
        """A duplicate or a broken alert now and then; which ones follows from the id alone.

        A repeat is what senders do, and costs nothing. A broken one comes from a drill.
        """
        drawn = int(hashlib.sha256(message["id"].encode()).hexdigest()[:8], 16)
        if drawn % _DUPLICATE_EVERY == 0:
            self._sender.post(slug, message_text(message), "twice")
        if drawn % _BAD_EVERY == 1:
            self._sender.post(FAULTY_STRATEGY, bad_text(message, drawn // _BAD_EVERY), "bad")

    def _send(self, slug: str, message: dict[str, Any]) -> bool:
        """Whether it is stored now."""
        return self._sender.post(slug, message_text(message), message["event"]) in STORED


def bad_text(message: dict[str, Any], kind: int) -> str:
    """One of four broken forms of a message, none of which may become a decision."""
    text = message_text({**message, "id": f"{message['id']}:bad"})
    return (
        text[: len(text) // 2],
        text.replace('"v":1', '"v":NaN'),
        text.replace('"side":', '"sdie":'),
        text.replace('"position":', '"position":"sideways","was":'),
    )[kind % 4]


def main() -> None:
    market_run(SampleMarket, "Post the sample market's alerts.")


if __name__ == "__main__":
    main()
