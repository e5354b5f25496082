"""Which limits are in force: the newest version of each, by what it holds for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db.models import Q

from execution.models import BrokerAccount, RiskLimit
from execution.risk.limits import Bound, Scope

# What an account is made with; a version of its own takes its place.
MADE_WITH = ("order_lots_max", "open_lots_max", "entries_per_minute_max")
_Key = tuple[Scope, int | str | None, str]


class LimitsInForce:
    """Limits of everything that is asked about, read by one query."""

    def __init__(
        self, *, accounts: Collection[int], strategies: Collection[int], instruments: Iterable[str]
    ) -> None:
        rows = RiskLimit.objects.filter(
            Q(scope=Scope.ALL)
            | Q(account__in=accounts)
            | Q(strategy__in=strategies)
            | Q(scope=Scope.INSTRUMENT, instrument__in=list(instruments))
        )
        newest = limits_newest(rows)
        self._value: dict[_Key, Decimal | None] = {_key(row): row.value for row in newest}

    def bounds_of(
        self, account: BrokerAccount, strategy_id: int, instrument: str
    ) -> tuple[Bound, ...]:
        """Return every bound of an entry, of all scopes; each is held against its own."""
        keys = {
            Scope.ALL: None,
            Scope.ACCOUNT: account.id,
            Scope.STRATEGY: strategy_id,
            Scope.INSTRUMENT: instrument,
        }
        found = {
            (scope, name): value
            for (scope, key, name), value in self._value.items()
            if keys[scope] == key
        }
        for name in MADE_WITH:
            found.setdefault((Scope.ACCOUNT, name), Decimal(getattr(account, name)))
        return tuple(
            Bound(name, scope, value) for (scope, name), value in found.items() if value is not None
        )

    def own_names_of(self, account_id: int) -> set[str]:
        """Return the limits that somebody has set for this very account."""
        return {
            name
            for (scope, key, name), value in self._value.items()
            if scope is Scope.ACCOUNT and key == account_id and value is not None
        }


def limits_newest(rows: Iterable[RiskLimit]) -> list[RiskLimit]:
    """Return the newest version of each limit of each scope."""
    newest: dict[_Key, RiskLimit] = {}
    for row in rows:
        kept = newest.get(_key(row))
        if kept is None or kept.version < row.version:
            newest[_key(row)] = row
    return list(newest.values())


def limit_newest(
    *, scope: Scope, account_id: int | None, strategy_id: int | None, instrument: str, name: str
) -> RiskLimit | None:
    """Return the version in force of one limit of one scope, whether lifted or not."""
    rows = RiskLimit.objects.filter(
        scope=scope, account=account_id, strategy=strategy_id, instrument=instrument, name=name
    )
    return rows.order_by("-version").first()


def _key(row: RiskLimit) -> _Key:
    return (Scope(row.scope), row.account_id or row.strategy_id or row.instrument or None, row.name)
