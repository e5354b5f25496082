"""What a lobe is: asked about one entry leg, answers with a chance, or sleeps. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from signals.market.features import BarFeatures


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSeen:
    """The newest bars of the strategy's feed, and their rows. `features` None: too few of them."""

    feed: str
    symbol: str
    timeframe_seconds: int
    bars: int
    first_bar_id: int
    last_bar_id: int
    features: BarFeatures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """An earlier entry of the family: its market as its side saw it, and whether it won.

    `near`: the same as floats, made once for all entries that it is held against.
    """

    label_id: int
    vector: tuple[Decimal, ...]
    won: bool
    near: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "near", tuple(map(float, self.vector)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineSeen:
    """A logistic regression after the family's last labels, as numbers: `signals.lobes.online`.

    Means, deviations and weights are one for each number of a vector, in its order.
    """

    first_label_id: int
    last_label_id: int
    labels: int
    means: tuple[Decimal, ...]
    deviations: tuple[Decimal, ...]
    weights: tuple[Decimal, ...]
    intercept: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Of the strategy's last closed trades those in one circumstance of the entry, and their wins.

    `what`: symbol, session or regime; `value`: which one.
    """

    what: str
    value: str
    trades: int
    wins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What was measured, and on record before the alert came.

    `trades` counts the strategy's last closed trades, `wins` those of them that won, `alike` those
    of them that are like the entry, and `newest_result_id` is the last row of them. `market` None:
    there are no fresh bars. `online` None: it is not asked for, or there are too few labels.
    """

    trades: int
    wins: int
    newest_result_id: int | None = None
    alike: tuple[Alike, ...] = ()
    market: MarketSeen | None = None
    neighbours: tuple[Neighbour, ...] = ()
    online: OnlineSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One entry leg, in validated enums and numbers only: no sender text reaches a lobe.

    It holds all that a lobe may go by; a lobe looks nothing up.
    """

    strategy_id: int
    alert_id: int
    leg_no: int
    instrument: str
    side: str
    order_type: str
    timeframe: str | None
    entry_price: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    prior_p: Decimal
    prior_strength: Decimal
    known_until: datetime
    features: Features
    # How long the entry has to reach its target.
    horizon_seconds: int = 86_400
    # What it wins, in units of its risk, where the alert names no target.
    payoff_r: Decimal | None = None
    # Names of the lobes that the policy asks; none means all.
    lobes: tuple[str, ...] = ()

    def asks(self, lobe: str) -> bool:
        """Whether the policy wants this lobe's opinion."""
        return not self.lobes or lobe in self.lobes


@dataclass(frozen=True, slots=True, kw_only=True)
class LobeAnswer:
    """`status` awake, asleep, failed or late; `evidence` counts observations behind `p`.

    `eps`: the engine takes `p` for no surer than [eps, 1 - eps]. `request` and `response` are the
    exact texts, for replay and audit. `cost_usd`: what was paid for it, at most.
    """

    lobe: str
    version: str
    status: str
    p: Decimal | None = None
    evidence: Decimal = Decimal(0)
    eps: Decimal = Decimal("0.01")
    reason: str = ""
    request: str = ""
    response: str = ""
    cost_usd: Decimal = Decimal(0)


class Named(Protocol):
    """What every source of opinions has: `version` changes with anything that changes its answers.

    A new version is a new expert.
    """

    name: str
    version: str


class CallingLobe(Named, Protocol):
    """A source of opinions outside of the database: asked beside many others, never in their way.

    The asker ends a call at its deadline, so a call must not hold the thread. What was asked may
    tell which of its kind it is, and that is another expert: an answer's version begins with the
    part of `version` before the colon. `daily_usd_max`: what a day's calls may cost.
    """

    daily_usd_max: Decimal

    def asleep_because(self) -> str:
        """Return why it cannot be asked at all, as without a key; empty where it can."""
        ...

    def cost_max_usd(self, question: Question) -> Decimal:
        """Return the most that asking may cost, further tries included; 0: nothing is paid."""
        ...

    async def call(self, question: Question) -> LobeAnswer:
        """Return the chance that following the alert wins, or an answer that sleeps."""
        ...


class Lobe(Named, Protocol):
    """A source of opinions. `answer` may fail; the asker guards it."""

    def answer(self, question: Question) -> LobeAnswer:
        """Return the chance that following the alert wins, or an answer that sleeps."""
        ...
