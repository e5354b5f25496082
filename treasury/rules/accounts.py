"""Names of the broker-side accounts; parts are such that beancount and hledger accept them."""

import hashlib
import re

ROOT_KINDS = {
    "Assets": "asset",
    "Liabilities": "liability",
    "Equity": "equity",
    "Income": "income",
    "Expenses": "expense",
}
_ODD = re.compile(r"[^A-Za-z0-9-]")


def account_kind(code: str) -> str:
    """asset, liability, equity, income or expense, from the root of the code."""
    return ROOT_KINDS[code.partition(":")[0]]


def broker_part(server: str, login: str) -> str:
    """`<server>-<login>` as one part of an account code.

    Where characters had to be replaced, eight digits of a hash keep two accounts apart.
    """
    plain = f"{server}-{login}"
    part = _ODD.sub("-", plain)
    part = part[:1].upper() + part[1:] if part[:1].isalnum() else f"X{part}"
    if part == plain:
        return part
    digest = hashlib.sha256(f"{server}\0{login}".encode()).hexdigest()[:8]
    return f"{part}-{digest}"


def broker_cash(server: str, login: str) -> str:
    """The account that must equal the broker's ACCOUNT_BALANCE exactly."""
    return f"Assets:Broker:{broker_part(server, login)}:Cash"


def broker_credit(server: str, login: str) -> str:
    """What the broker has lent: ACCOUNT_CREDIT; its own money, never equity."""
    return f"Assets:Broker:{broker_part(server, login)}:Credit"


def broker_transit(server: str, login: str) -> str:
    """Money on its way: below zero what came in, above it what went out, until somebody answers."""
    return f"Assets:Transit:{broker_part(server, login)}"


def capital_paid_in(server: str, login: str) -> str:
    """What was answered for as paid in, less what was paid out."""
    return f"Equity:Capital:{broker_part(server, login)}"
