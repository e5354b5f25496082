"""What every dialect is: strictly read content in, one intent or a refusal out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from signals.dialects.credentials import CredentialPlace
from signals.dialects.settled import NOTHING, Settled
from signals.intake.parsing import Content, Unreadable
from signals.intents.intent import Intent


@dataclass(frozen=True, slots=True)
class StrategyDefaults:
    """What a strategy declares for alerts that leave something open, and nothing else of it.

    `settled`: what its people have said of members that no dialect knows. `formats`: what they have
    taught; a message that fits one is read by it.
    """

    slug: str
    values: Mapping[str, Any] = field(default_factory=dict)
    settled: Settled = NOTHING
    formats: tuple[Format, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTold:
    """What a message says of the sender's own position on one symbol, before and after it.

    `before` and `after` hold every state that is possible, of `long`, `short`, `flat`, and nothing
    where it is not said. `after` counts what may happen before the next message: a position whose
    stop is hit may be flat without a word. Sizes are signed, in the sender's units.
    """

    symbol_raw: str
    before: frozenset[str] = frozenset()
    before_size: Decimal | None = None
    after: frozenset[str] = frozenset()
    after_size: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One alert as read: the intent, and what the duplicate and age rules need to know of it.

    `signalled_at` is when the chart says it happened, `sent_at` when it says it was sent.
    `id_is_deterministic`: the sender id is a function of bar, event, side and leg.
    `id_is_unique`: no other message bears it, so it alone tells one from the other.
    `position`: the sender's position, where it is told; the watch for lost alerts compares it.
    `unknown`: members, as written, that were neither understood nor are harmless. `entry_rule`:
    why its entry is refused although the rest passes, '' where nothing speaks against it.
    """

    dialect: str
    intent: Intent
    signalled_at: datetime | None = None
    sent_at: datetime | None = None
    id_is_deterministic: bool = False
    id_is_unique: bool = False
    position: PositionTold | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict)
    entry_rule: str = ""


class Refused(Unreadable):
    """The dialect knows the message but may not act on it; the code says why.

    `lowers_risk`: whether it asked for less risk, None where nobody knows. `unknown`: the members
    that it is refused for, as written.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        lowers_risk: bool | None = None,
        unknown: Iterable[str] = (),
    ) -> None:
        super().__init__(code, message)
        self.lowers_risk = lowers_risk
        self.unknown = tuple(unknown)


class Format(Protocol):
    """A format that a strategy's people have taught: what is asked of it where alerts are read."""

    @property
    def name(self) -> str:
        """What they call it."""
        ...

    def fit(self, content: Content) -> int:
        """Return how well a message fits, 0 where it does not; never raises."""
        ...

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        ...

    def credential(self, content: Content) -> str | None:
        """Return the credential that stands in its place."""
        ...


class Dialect(Protocol):
    """One message format. `claims` is cheap and never raises; `read` raises `Refused` only."""

    name: str
    credential_place: CredentialPlace

    def claims(self, content: Content) -> bool:
        """Return whether the content is, or clearly means to be, of this dialect."""
        ...

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent. Not sure about side, symbol or size means `Refused`, not a guess."""
        ...

    def credential(self, content: Content) -> str | None:
        """Return the credential the message carries itself, if this dialect has one."""
        ...
