"""How commands name accounts and what switches stop: by login and slug, as people do."""

from __future__ import annotations

from django.core.management.base import CommandError

from execution.models import BrokerAccount
from execution.rules.switches import (
    ACCOUNT,
    ALL,
    EVERYTHING,
    INSTRUMENT,
    SCOPES,
    STRATEGY,
    Target,
    account_target,
    instrument_target,
    strategy_target,
)
from fusion_project.errors import DomainError
from signals.models import Strategy
from signals.services.strategies import strategy_get


def account_named(login: str) -> BrokerAccount:
    """Return the account of this login, or that of `LOGIN@SERVER`. Raises CommandError."""
    number, _, server = login.partition("@")
    rows = BrokerAccount.objects.filter(login=number)
    found = list(rows.filter(server=server) if server else rows)
    if len(found) == 1:
        return found[0]
    if found:
        servers = ", ".join(f"{number}@{one.server}" for one in found)
        raise CommandError(f"Several servers have an account {number}; say which: {servers}.")
    known = ", ".join(BrokerAccount.objects.values_list("login", flat=True)) or "none yet"
    raise CommandError(f"There is no account {login}. Known: {known}.")


def target_named(text: str) -> Target:
    """Read all, account:LOGIN, strategy:SLUG or instrument:NAME. Raises CommandError."""
    scope, _, name = text.partition(":")
    if scope == ALL and not name:
        return EVERYTHING
    if scope not in SCOPES or not name:
        raise CommandError("Name all, account:LOGIN, strategy:SLUG or instrument:NAME.")
    if scope == ACCOUNT:
        return account_target(account_named(name).pk)
    if scope == INSTRUMENT:
        return instrument_target(name)
    try:
        return strategy_target(strategy_get(slug=name).pk)
    except DomainError as error:
        raise CommandError(str(error)) from error


def target_text(target: Target) -> str:
    """Return the target as `target_named` reads it."""
    if target.scope == ACCOUNT:
        return f"account:{BrokerAccount.objects.get(id=target.id).login}"
    if target.scope == STRATEGY:
        return f"strategy:{Strategy.objects.get(id=target.id).slug}"
    return target.text
