"""Names of the accounts of those who are paid: pools of a policy, units of investors. Pure."""

from dataclasses import dataclass

from treasury.rules.accounts import broker_cash, broker_part
from treasury.rules.units import PAYOUT

# What is owed to somebody, or held by somebody, never falls below zero.
FLOORED_ROOTS = ("Liabilities:Pool:", "Liabilities:Units:")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose results are split, in one currency: a policy's, or one account's under it.

    `name` is a part of account codes, such as `House` or `Investor:Demo-5001`.
    """

    name: str
    currency: str
    digits: int

    def pool(self, share: str) -> str:
        """What is set aside for a share; a debt."""
        return f"Liabilities:Pool:{self.name}:{_part(share)}:{self.currency}"

    def retained(self, share: str) -> str:
        """A share that stays in the treasury."""
        return f"Equity:Retained:{self.name}:{_part(share)}:{self.currency}"

    @property
    def distributed(self) -> str:
        """All that was ever distributed."""
        return f"Equity:Distributed:{self.name}:{self.currency}"

    @property
    def dust(self) -> str:
        """What was smaller than the currency's smallest coin, until it makes one."""
        return f"Equity:Dust:{self.name}:{self.currency}"

    @property
    def shortfall(self) -> str:
        """What was distributed and then restated away; the next distribution fills it first."""
        return f"Equity:Shortfall:{self.name}:{self.currency}"


@dataclass(frozen=True, slots=True)
class UnitBook:
    """Names of an account whose money belongs to the holders of its units."""

    account_id: int
    server: str
    login: str
    money: str
    digits: int

    @property
    def place(self) -> Place:
        return Place(f"Investor:{broker_part(self.server, self.login)}", self.money, self.digits)

    @property
    def currency(self) -> str:
        """Units are a currency of their own; the trigger of bindings knows the name too."""
        return f"UNIT{self.account_id}"

    @property
    def issued(self) -> str:
        """Units issued less those cancelled."""
        return f"Equity:Units:{broker_part(self.server, self.login)}"

    def held_by(self, number: int) -> str:
        """Units of one series."""
        return f"Liabilities:Units:{broker_part(self.server, self.login)}:S{number}"

    def payable(self, number: int) -> str:
        """What a series is to be paid and has not got yet."""
        return self.place.pool(f"{PAYOUT}:S{number}")

    @property
    def owed(self) -> str:
        """The root of all that is set aside out of the account."""
        return f"Liabilities:Pool:{self.place.name}"

    @property
    def capital(self) -> str:
        """Money that holders brought less what they took back."""
        return f"Equity:Capital:{self.place.name}:{self.money}"

    @property
    def cash(self) -> str:
        return broker_cash(self.server, self.login)

    @property
    def transit(self) -> str:
        """Money on its way: a deposit that no units stand for yet, a withdrawal not booked yet."""
        return f"Assets:Transit:{broker_part(self.server, self.login)}"


def _part(share: str) -> str:
    return ":".join(word[:1].upper() + word[1:] for word in share.split(":"))
