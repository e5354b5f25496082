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
