"""What each strategy can trade just now, by the rules of an entry that its symbol decides."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Final

from execution.models import BrokerAccount, Subscription, SymbolMap
from execution.risk.facts import EntryFacts, SymbolFacts
from execution.risk.figures import Desk
from execution.risk.rules import ENTRY_RULES, Moment, judge
from execution.rules.sizing import Room
from execution.selectors.switches import Stops
from execution.selectors.symbols import symbol_facts
from fusion_project.events.clock import now
from signals.intake.outlook import Outlook
from signals.intents.legs import Leg

NO_ACCOUNT: Final = "no_account"
# The later a rule is asked, the nearer to an order is the account that it stops.
_NEARNESS: Final = [
    reason for rule in ENTRY_RULES if Moment.ANSWER in rule.moments for reason in rule.reasons
]


def outlooks(strategy_ids: Collection[int]) -> dict[int, Outlook]:
    """Return what entries of each strategy would meet, by instrument: three queries for all."""
    followers: defaultdict[int, list[BrokerAccount]] = defaultdict(list)
    rows = Subscription.objects.filter(strategy__in=strategy_ids, is_active=True)
    for one in rows.select_related("account"):
        followers[one.strategy_id].append(one.account)
    accounts = {account.id for found in followers.values() for account in found}
    maps: defaultdict[int, dict[str, SymbolFacts]] = defaultdict(dict)
    for row in SymbolMap.objects.filter(account__in=accounts):
        maps[row.account_id][row.instrument] = symbol_facts(row)
    names = {name for found in maps.values() for name in found} | {""}
    stops = Stops(
        (account.id, one, name)
        for one in strategy_ids
        for account in followers[one]
        for name in names
    )
    at = now()
    return {one: _outlook(one, followers[one], maps, stops, at) for one in strategy_ids}


def _outlook(
    strategy_id: int,
    accounts: list[BrokerAccount],
    maps: dict[int, dict[str, SymbolFacts]],
    stops: Stops,
    at: datetime,
) -> Outlook:
    if not accounts:
        return Outlook({}, NO_ACCOUNT)

    def best(instrument: str) -> str:
        reasons = [
            _refusal(
                one,
                maps[one.id].get(instrument),
                stops.reason((one.id, strategy_id, instrument)),
                at,
            )
            for one in accounts
        ]
        return "" if "" in reasons else max(reasons, key=_NEARNESS.index)

    instruments = sorted({name for one in accounts for name in maps[one.id]})
    otherwise = best("")
    found = {name: best(name) for name in instruments}
    return Outlook(
        {name: one for name, one in found.items() if one != otherwise},
        otherwise,
        is_live_alone=all(one.book == "live" for one in accounts),
    )


def _refusal(
    account: BrokerAccount, symbol: SymbolFacts | None, stopped_by: str, at: datetime
) -> str:
    """The judgement of any entry; what its rules do not look at stands for nothing."""
    facts = EntryFacts(
        desk=Desk(at=at),
        stopped_by=stopped_by,
        executor_is_silent=False,
        valid_until=None,
        instrument="",
        side="buy",
        leg=_ANY_ENTRY,
        ref_price=None,
        risk_bps=0,
        size_factor=Decimal(0),
        lots_default=Decimal(0),
        stop_is_required=False,
        grade="",
        env="",
        waits_for_flat=False,
        book=account.book,
        live_grade_min="",
        symbol=symbol,
        room=Room(None, Decimal(0), Decimal(0)),
        is_trade_closed=False,
        is_flat=True,
    )
    return judge(facts, Moment.ANSWER).refusal


_ANY_ENTRY: Final = Leg(verb="entry", side="buy", symbol_raw="")
