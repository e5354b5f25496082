"""What fusion may know of the accounts behind a strategy: the worst of them, each minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from execution.models import AccountMark, BrokerAccount, Subscription
from execution.risk.limits import Scope
from execution.selectors.executors import executor_list
from execution.selectors.money import account_marks, money_of
from execution.selectors.quotes import quotes_of
from execution.selectors.standing import OnAccounts, Place
from execution.selectors.switches import Stops
from fusion_project.events.clock import now
from fusion_project.events.life import SILENCE_SECONDS_MAX, seconds_since
from signals.fusion.gating.names import SPREAD
from signals.selectors.gates import SPREAD_FEATURE
from signals.services.features import feature_record

_ZERO, _ONE = Decimal(0), Decimal(1)
_BPS = Decimal(10_000)
_PLACES = Decimal("0.0001")
# An older quote tells the spread of no moment that an entry meets.
QUOTE_SECONDS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class _Health:
    """One account as one strategy meets it; None where it is not known."""

    drawdown_bps: Decimal | None
    exposure_bps: Decimal | None
    is_well: bool


@transaction.atomic
def strategy_features_record() -> int:
    """Tell drawdown, exposure and health of each strategy that accounts follow; returns how many.

    Of several accounts the worst counts. What is known of no account is not told: fusion sees it
    as absent, never as good. The same minute again adds nothing.
    """
    moment = now().replace(second=0, microsecond=0)
    rows = Subscription.objects.filter(is_active=True, strategy__is_active=True)
    followers: defaultdict[int, list[BrokerAccount]] = defaultdict(list)
    asked = set()
    for row in rows.select_related("account", "strategy__policy").order_by("strategy", "account"):
        followers[row.strategy_id].append(row.account)
        if SPREAD in row.strategy.policy.gates:
            asked.add(row.strategy_id)
    accounts = sorted({one.id for found in followers.values() for one in found})
    on = OnAccounts.read(accounts, [], at=moment, reach=0)
    marks, heard = account_marks(accounts), _heard_lately()
    stops = Stops((one.id, key, "") for key, found in followers.items() for one in found)
    for strategy_id, found in followers.items():
        well = {
            one.id
            for one in found
            if one.id in heard and not stops.reason((one.id, strategy_id, ""))
        }
        told = _told([_health(one, strategy_id, on, marks, well) for one in found])
        _record(strategy_id, "", told, moment)
    _spreads_record({key: followers[key] for key in sorted(asked)}, moment)
    return len(followers)


def _spreads_record(followers: dict[int, list[BrokerAccount]], moment: datetime) -> None:
    """Tell the widest spread of each instrument, where the strategy's policy has a gate for it."""
    quotes = quotes_of(sorted({one.id for found in followers.values() for one in found}))
    oldest = moment - timedelta(seconds=QUOTE_SECONDS_MAX)
    for strategy_id, found in followers.items():
        accounts = {one.id for one in found}
        widest: dict[str, Decimal | None] = {}
        for (account_id, instrument), quote in quotes.items():
            if account_id in accounts and quote.at >= oldest:
                spread = _bps(quote.ask - quote.bid, (quote.ask + quote.bid) / 2)
                widest[instrument] = _worst([spread, widest.get(instrument, spread)])
        for instrument, spread in sorted(widest.items()):
            _record(strategy_id, instrument, {SPREAD_FEATURE: spread}, moment)


def _health(
    account: BrokerAccount,
    strategy_id: int,
    on: OnAccounts,
    marks: dict[int, AccountMark],
    well: set[int],
) -> _Health:
    mark = marks.get(account.id)
    money = money_of(account, mark)
    standing = on.standing_of(Place(Scope.STRATEGY, account.id, strategy_id, ""), None)
    has_equity = account.equity is not None and account.equity > 0
    is_doubted = mark is not None and mark.doubted_at is not None
    return _Health(
        drawdown_bps=_bps(money.drawdown, money.highest),
        exposure_bps=_bps(standing.notional, account.equity)
        if has_equity and standing.is_valued
        else None,
        is_well=account.id in well and not is_doubted,
    )


def _told(found: list[_Health]) -> dict[str, Decimal | None]:
    return {
        "strategy.drawdown_bps": _worst(one.drawdown_bps for one in found),
        "strategy.exposure_bps": _worst(one.exposure_bps for one in found),
        "strategy.health": _ONE if all(one.is_well for one in found) else _ZERO,
    }


def _record(
    strategy_id: int, instrument: str, told: dict[str, Decimal | None], moment: datetime
) -> None:
    of_it = f":{instrument}" if instrument else ""
    for name, value in told.items():
        if value is None:
            continue
        feature_record(
            key=f"{name}:{strategy_id}{of_it}:{int(moment.timestamp())}",
            name=name,
            strategy_id=strategy_id,
            instrument=instrument,
            at=moment,
            value=value,
            trace_id="",
        )


def _worst(values: Iterable[Decimal | None]) -> Decimal | None:
    """The highest; not known where one account's is not."""
    found = list(values)
    known = [one for one in found if one is not None]
    return max(known) if known and len(known) == len(found) else None


def _bps(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    if part is None or whole is None or whole <= 0:
        return None
    return (part / whole * _BPS).quantize(_PLACES)


def _heard_lately() -> set[int]:
    return {
        one.account_id
        for one in executor_list()
        if seconds_since(one.heard_at) <= SILENCE_SECONDS_MAX
    }
