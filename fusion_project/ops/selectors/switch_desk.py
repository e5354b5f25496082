"""What the page of switches shows: every switch as it stands, accounts with what is open there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from execution.models import BrokerAccount, Position, Switch, SymbolMap
from execution.rules.switches import (
    ACTIVE,
    EVERYTHING,
    INSTRUMENT,
    STATES,
    Target,
    account_target,
    instrument_target,
    is_stricter,
    strategy_target,
)
from execution.selectors.closing import CloseOutlook, close_outlook
from execution.selectors.executors import is_silent
from execution.selectors.switches import switch_list
from execution.services.switches import RAISE
from fusion_project.ops.selectors.actors import actor_names
from fusion_project.second_person.models import Request
from fusion_project.second_person.states import OPEN
from signals.models import Strategy

_TURNS_MAX = 30


@dataclass(frozen=True, slots=True)
class SwitchRow:
    """One switch; `at` is None where it was never turned."""

    target: Target
    name: str
    state: str
    reason: str = ""
    who: str = ""
    at: datetime | None = None

    @property
    def stricter(self) -> list[str]:
        """What one person may turn it to, the strictest first."""
        return [one for one in reversed(STATES) if is_stricter(one, than=self.state)]

    @property
    def looser(self) -> list[str]:
        """What is asked of a second person."""
        return [one for one in STATES if is_stricter(self.state, than=one)]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account with its switch and what is open on it."""

    account: BrokerAccount
    switch: SwitchRow
    is_silent: bool
    outlook: CloseOutlook
    positions: list[Position] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SwitchDesk:
    """The whole page; `turns` are (turn, name of what it stopped, who), the newest first."""

    everything: SwitchRow
    accounts: list[AccountRow]
    strategies: list[SwitchRow]
    instruments: list[SwitchRow]
    turns: list[tuple[Switch, str, str]]
    waiting: list[Request]

    @property
    def tables(self) -> list[tuple[str, list[SwitchRow]]]:
        """Those that are listed row by row, under their headings."""
        return [("Strategies", self.strategies), ("Instruments", self.instruments)]


def switch_desk(*, at: datetime) -> SwitchDesk:
    """Read all of it."""
    known = _Known()
    accounts = list(BrokerAccount.objects.order_by("name"))
    strategies = Strategy.objects.order_by("slug")
    mapped = SymbolMap.objects.values_list("instrument", flat=True)
    turned = {target.key for target in known.newest if target.scope == INSTRUMENT}
    positions = _positions()
    names = {
        EVERYTHING: "everything",
        **{account_target(one.pk): one.name for one in accounts},
        **{strategy_target(one.pk): one.slug for one in strategies},
    }
    return SwitchDesk(
        everything=known.row(EVERYTHING, "everything"),
        accounts=[
            AccountRow(
                one,
                known.row(account_target(one.pk), one.name),
                is_silent(one, at),
                close_outlook(one.pk),
                positions[one.pk],
            )
            for one in accounts
        ],
        strategies=[known.row(strategy_target(one.pk), one.slug) for one in strategies],
        instruments=[known.row(instrument_target(one), one) for one in sorted({*mapped, *turned})],
        turns=_turns(names),
        waiting=list(Request.objects.filter(kind=RAISE, state__in=OPEN).order_by("-id")),
    )


class _Known:
    """The newest version of every switch, and who turned it."""

    def __init__(self) -> None:
        self.newest = {Target(one.scope, one.key): one for one in switch_list()}
        self._people = actor_names({one.actor for one in self.newest.values()})

    def row(self, target: Target, name: str) -> SwitchRow:
        one = self.newest.get(target)
        if one is None:
            return SwitchRow(target, name, ACTIVE)
        return SwitchRow(target, name, one.state, one.reason, self._people[one.actor], one.at)


def _positions() -> defaultdict[int, list[Position]]:
    found: defaultdict[int, list[Position]] = defaultdict(list)
    for one in Position.objects.filter(closed_at=None).order_by("id"):
        found[one.account_id].append(one)
    return found


def _turns(names: dict[Target, str]) -> list[tuple[Switch, str, str]]:
    turns = list(Switch.objects.order_by("-id")[:_TURNS_MAX])
    people = actor_names({one.actor for one in turns})
    return [
        (one, names.get(Target(one.scope, one.key), one.key), people[one.actor]) for one in turns
    ]
