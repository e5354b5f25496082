"""Desks for the Expert Advisor's bench, in a Django process of its own.

python -m tests.bench.ea_desks 20     a strategy that so many EA accounts and a paper one follow
"""

import json
import sys
from typing import Any
from uuid import uuid4

import django

django.setup()

from decimal import Decimal  # noqa: E402

from execution.models import BrokerAccount, SymbolMap  # noqa: E402
from execution.services.accounts import account_create  # noqa: E402
from execution.services.keys import SCOPES, key_issue  # noqa: E402
from execution.services.sessions import sheet_store  # noqa: E402
from execution.services.subscriptions import subscription_create  # noqa: E402
from execution.services.symbols import symbol_map_confirm  # noqa: E402
from execution.wire import Sheet, body_of  # noqa: E402
from fusion_project.local.market.paper import paper_symbols  # noqa: E402
from fusion_project.local.run.demo import CURRENCY, POLICY, SERVER  # noqa: E402
from signals.services.strategies import strategy_create, strategy_secret_issue  # noqa: E402

ACTOR = "system"
ROOM = Decimal(100_000)


def seed(accounts: int) -> dict[str, Any]:
    """Return the strategy's slug and secret; login and key of each account, the paper one last."""
    slug = f"bench-ea-{uuid4().hex[:8]}"
    strategy = strategy_create(
        slug=slug, name=slug, actor=ACTOR, approval="automatic", risk_bps=50, **POLICY
    )
    made = [_account(number) for number in range(accounts + 1)]
    for account in made:
        subscription_create(strategy_id=strategy.id, account_id=account.id, actor=ACTOR)
    return {
        "slug": slug,
        "secret": strategy_secret_issue(strategy_id=strategy.id, actor=ACTOR).secret,
        "server": SERVER,
        "accounts": [[one.login, _key(one)] for one in made],
    }


def _account(number: int) -> BrokerAccount:
    login = str(20_000_000 + uuid4().int % 70_000_000)
    account = account_create(
        name=f"Bench {login}",
        book="paper",
        server=SERVER,
        login=login,
        currency=CURRENCY,
        actor=ACTOR,
        order_lots_max=ROOM,
        open_lots_max=ROOM,
        entries_per_minute_max=10_000,
    )
    for symbol in paper_symbols():
        sheet_store(account_id=account.id, sheet=body_of(Sheet, **symbol.sheet()))
    for row in SymbolMap.objects.filter(account=account):
        names = {"instrument": row.instrument, "broker_symbol": row.broker_symbol}
        symbol_map_confirm(symbol_map_id=row.id, actor=ACTOR, **names)
    return account


def _key(account: BrokerAccount) -> str:
    return key_issue(account_id=account.id, label="bench", actor=ACTOR, scopes=SCOPES).text


if __name__ == "__main__":
    print(json.dumps(seed(int(sys.argv[1]))))
