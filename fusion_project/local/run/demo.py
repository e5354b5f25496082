"""The demo's rows: staff, a paper account with its symbols and key, strategies with their secrets.

Everything goes through the apps' services. Running it again repairs what is missing and keeps
what is there; credentials come from, and go to, one private file.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Q

from execution.models import BrokerAccount, ExecutorKey, SymbolMap
from execution.services.accounts import account_create
from execution.services.keys import SCOPES, key_issue, secret_sha256
from execution.services.sessions import sheet_store
from execution.services.subscriptions import subscription_create
from execution.services.symbols import symbol_map_confirm
from execution.wire import Sheet, body_of
from fusion_project.events.clock import now
from fusion_project.local import chain
from fusion_project.local.home.folder import json_read, json_write
from fusion_project.local.market.bar_teller import SECONDS as BAR_MINUTE
from fusion_project.local.market.bar_teller import history_write
from fusion_project.local.market.paper import paper_symbols
from fusion_project.local.market.rules.alert_text import HAND_REVIEW_STRATEGY, HAND_STRATEGY
from fusion_project.local.market.rules.pine_strategies import PINE_STRATEGIES
from fusion_project.local.market.rules.prices import INSTRUMENTS
from fusion_project.local.market.rules.sample_rules import FAULTY_STRATEGY, SAMPLE_STRATEGIES
from fusion_project.ops.services.roles import roles_ensure
from fusion_project.ops.sign_in.passwords import for_oneself
from signals.market.csv_bars import csv_name
from signals.models import Strategy, StrategySecret
from signals.services.bar_files import bars_import
from signals.services.bars import alert_feed
from signals.services.strategies import strategy_create, strategy_secret_issue
from tokens.services.bindings import loopback_bind

ACTOR = "system"
SERVER, CURRENCY, JETTON = "Paper-Demo", "USD", "DCT"
# A fresh database has no track record: the demo declares one that clears the cost, and holds on
# to it for as long as about four hundred trades.
POLICY: dict[str, Any] = {
    "entries_per_minute_max": 600,
    "prior_p": Decimal("0.58"),
    "prior_strength": Decimal(400),
    "payoff_r": Decimal(2),
    "cost_r": Decimal("0.10"),
    # The sample's trades last minutes, so what they became is known within the hour.
    "horizon_seconds": 1_800,
    # What it declares is held on to for as long; the sample's rules have no edge to be learned.
    "labels_min": 400,
}
HISTORY = "sample"
# By hand with a stop far away, by the sample market with near ones and many at a time.
HAND_RISK_BPS, SAMPLE_RISK_BPS = 50, 20


def demo_seed(credentials_path: Path, *, alerts: str = "sample", chain_url: str = "") -> None:
    """Make the demo complete and its credentials file true.

    `alerts`: whose strategies are needed, those of the sample rules or of the Pine scripts.
    `chain_url`: the loopback chain server that the paper book's jetton is bound to.
    """
    credentials_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = json_read(credentials_path) or {}
    roles_ensure()
    account = _account(_login(known))
    made: dict[str, Any] = {
        "users": {
            "ops": _user("ops", known, groups=("ops",), is_superuser=True),
            "reviewer": _user("reviewer", known, groups=("reviewer",)),
        },
        "account": {"server": SERVER, "login": account.login},
        # Those of the other kind of alerts keep their secrets for the next time.
        "strategies": {
            **known.get("strategies", {}),
            **{
                slug: _strategy(slug, name, approval, known, account)
                for slug, name, approval in _strategies(alerts)
            },
        },
        "executor_key": _executor_key(account, known),
    }
    json_write(credentials_path, made)
    if chain_url:
        loopback_bind(
            token_code=JETTON,
            base_url=chain_url,
            master=chain.MASTER.raw,
            owner=chain.TREASURY.raw,
            opening=chain.SUPPLY,
            actor=ACTOR,
        )


def _strategies(alerts: str) -> list[tuple[str, str, str]]:
    hand = [
        (HAND_STRATEGY, "Demo: alerts sent by hand", "automatic"),
        (HAND_REVIEW_STRATEGY, "Demo: sent by hand, reviewed by a person", "one"),
    ]
    if alerts == "pine":
        return [*hand, *((one.script, one.name, "automatic") for one in PINE_STRATEGIES)]
    faulty = (FAULTY_STRATEGY, "Sample: a faulty sender, for drill", "automatic")
    return [*hand, *((one.slug, one.name, one.approval) for one in SAMPLE_STRATEGIES), faulty]


def _user(
    name: str, known: dict[str, Any], *, groups: tuple[str, ...], is_superuser: bool = False
) -> str:
    told = str(known.get("users", {}).get(name, ""))
    password = told or secrets.token_urlsafe(12)
    user = User.objects.filter(username=name).first() or User(username=name)
    is_new = user.pk is None
    user.is_staff, user.is_superuser, user.is_active = True, is_superuser, True
    # A password that a person has changed since stays; one that nobody knows any longer does not.
    if is_new or not told:
        user.set_password(password)
    with for_oneself():
        user.save()
    user.groups.set(Group.objects.filter(name__in=groups))
    return password


def _login(known: dict[str, Any]) -> str:
    """A number of this home's own: another home's broker has other books, so another account."""
    told = known.get("account", {}).get("login")
    return str(told or 10_000_000 + secrets.randbelow(90_000_000))


def _account(login: str) -> BrokerAccount:
    account = account_create(
        name=f"Paper demo {login}",
        book="paper",
        server=SERVER,
        login=login,
        currency=CURRENCY,
        actor=ACTOR,
        # Room for a burst of alerts by hand or by `make chaos`.
        entries_per_minute_max=600,
    )
    for symbol in paper_symbols():
        sheet_store(account_id=account.id, sheet=body_of(Sheet, **symbol.sheet()))
        row = SymbolMap.objects.get(account=account, broker_symbol=symbol.symbol)
        if not row.is_confirmed:
            symbol_map_confirm(
                symbol_map_id=row.id,
                instrument=row.instrument,
                broker_symbol=row.broker_symbol,
                actor=ACTOR,
            )
    return account


def _strategy(
    slug: str, name: str, approval: str, known: dict[str, Any], account: BrokerAccount
) -> str:
    """Return a webhook secret that opens this strategy now."""
    strategy = Strategy.objects.filter(slug=slug).first()
    if strategy is None:
        is_by_hand = slug in (HAND_STRATEGY, HAND_REVIEW_STRATEGY)
        risk_bps = HAND_RISK_BPS if is_by_hand else SAMPLE_RISK_BPS
        strategy = strategy_create(
            slug=slug,
            name=name,
            actor=ACTOR,
            is_drill=slug == FAULTY_STRATEGY,
            approval=approval,
            risk_bps=risk_bps,
            feeds=_feeds(slug),
            **POLICY,
        )
    if (
        not strategy.is_drill
        and not account.subscriptions.filter(strategy=strategy, is_active=True).exists()
    ):
        subscription_create(strategy_id=strategy.id, account_id=account.id, actor=ACTOR)
    secret = str(known.get("strategies", {}).get(slug, ""))
    if secret and _secret_is_live(strategy, secret):
        return secret
    issued = strategy_secret_issue(strategy_id=strategy.id, actor=ACTOR, label="demo")
    return issued.secret


def _feeds(slug: str) -> dict[str, Any]:
    """The minute bars that its own alerts tell; before their first one those that are imported."""
    return {
        name: [
            {"feed": feed, "symbol": f"{one.exchange}:{name}", "timeframe_seconds": BAR_MINUTE}
            for feed in (alert_feed(slug), f"csv:{HISTORY}")
        ]
        for name, one in INSTRUMENTS.items()
    }


def history_import(folder: Path) -> int:
    """Import the sample's last hours of bars, as a chart exports them; return how many are new."""
    added = 0
    for path in history_write(folder, now()):
        told = csv_name(path.name)
        assert told is not None
        added += bars_import(
            path=path,
            feed=f"csv:{HISTORY}",
            symbol=told.symbol,
            timeframe_seconds=BAR_MINUTE,
            progress=lambda done, total: None,
        ).added
    return added


def _secret_is_live(strategy: Strategy, secret: str) -> bool:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    found = StrategySecret.objects.filter(strategy=strategy, sha256=digest)
    return found.exclude(valid_until__lte=now()).exists()


def _executor_key(account: BrokerAccount, known: dict[str, Any]) -> str:
    text = str(known.get("executor_key", ""))
    prefix, _, secret = text.partition(".")
    live = ExecutorKey.objects.filter(account=account, revoked_at=None)
    # One that ends within the week is issued anew.
    lasting = Q(expires_at=None) | Q(expires_at__gt=now() + timedelta(days=7))
    key = live.filter(lasting, prefix=prefix).first()
    if key is not None and hmac.compare_digest(key.sha256, secret_sha256(secret)):
        return text
    return key_issue(account_id=account.id, label="demo", actor=ACTOR, scopes=SCOPES).text
