"""Facts that the ledger answers instead of posting."""

from fusion_project.errors import DomainError


class LedgerRefused(DomainError):
    """Base of every refusal; nothing was written."""

    code = "ledger_refused"


class EntryNotBalanced(LedgerRefused):
    """The lines of one entry do not sum to zero in some currency."""

    code = "entry_not_balanced"


class EntryTooShort(LedgerRefused):
    """An entry needs at least two lines and no line of zero."""

    code = "entry_too_short"


class AmountNotExact(LedgerRefused):
    """An amount has more digits than its currency, or is not a finite number."""

    code = "amount_not_exact"


class EntryKeyReused(LedgerRefused):
    """The idempotency key is taken by an entry with other content."""

    code = "entry_key_reused"


class AccountMismatch(LedgerRefused):
    """The account exists with another currency, kind or floor."""

    code = "account_mismatch"


class AccountUnknown(LedgerRefused):
    """No such account in this book."""

    code = "account_unknown"


class EntryAlreadyReversed(LedgerRefused):
    """An entry is reversed at most once, and a reversal never."""

    code = "entry_already_reversed"


class EntryNotFound(LedgerRefused):
    """No entry has this id."""

    code = "entry_not_found"
    status = 404


class FloorBreached(LedgerRefused):
    """The posting would take a limited account below its floor."""

    code = "floor_breached"


class HoldRefused(LedgerRefused):
    """What is to be held cannot be: no floor, no time, no such amount, or its entry was first."""

    code = "hold_refused"


class HoldEnded(LedgerRefused):
    """The hold was taken, let go or has lapsed; its entry cannot take it any more."""

    code = "hold_ended"


class HoldNotFound(LedgerRefused):
    """No hold has this id."""

    code = "hold_not_found"
    status = 404


class PolicyInvalid(LedgerRefused):
    """Shares that are not the policy's, or basis points that do not sum to 10 000."""

    code = "policy_invalid"
    status = 400


class PolicyUnknown(LedgerRefused):
    """No policy, account or stream of that name, or no version that holds."""

    code = "policy_unknown"
    status = 404


class PolicyOverlaps(LedgerRefused):
    """Another version or binding holds at that time."""

    code = "policy_overlaps"


class PolicyBackdated(LedgerRefused):
    """A policy counts from now on or later."""

    code = "policy_backdated"
    status = 400


class DistributionHindered(LedgerRefused):
    """Something stands in the way of paying now; the message names all of it."""

    code = "distribution_hindered"


class DistributionChanged(LedgerRefused):
    """What is to be paid is not what was shown any more."""

    code = "distribution_changed"


class NothingToDistribute(LedgerRefused):
    """Nothing above losses, marks and what was paid before."""

    code = "nothing_to_distribute"


class UnitsRefused(LedgerRefused):
    """Units cannot be issued, redeemed or paid so."""

    code = "units_refused"


class RevenueRefused(LedgerRefused):
    """A stream or a payment that cannot be, or that is booked already."""

    code = "revenue_refused"


class ReversalUnwanted(LedgerRefused):
    """A later revision of what it came from takes an entry back, or a request of two people."""

    code = "reversal_unwanted"


class TransitRefused(LedgerRefused):
    """So much is not on its way, or nobody has asked for it to be answered for."""

    code = "transit_refused"


class EntryHeldBack(LedgerRefused):
    """A later app holds it back: a token of the book is not in step with its chain."""

    code = "entry_held_back"


class PriceRefused(LedgerRefused):
    """A price in a currency that is not known, that is none, or told otherwise before."""

    code = "price_refused"


class PriceMissing(LedgerRefused):
    """Nobody tells a price of the pair that is young enough."""

    code = "price_missing"


class ConversionRefused(LedgerRefused):
    """Between these accounts nothing may be converted, or not that amount."""

    code = "conversion_refused"


class ConversionEnded(LedgerRefused):
    """The conversion is made already, or was withdrawn."""

    code = "conversion_ended"


class ConversionNotFound(LedgerRefused):
    """No conversion has this number."""

    code = "conversion_not_found"
    status = 404


class PeriodInvalid(LedgerRefused):
    """Neither a month nor a day."""

    code = "period_invalid"
    status = 400


class PeriodHindered(LedgerRefused):
    """Something stands in the way of closing; the message names all of it."""

    code = "period_hindered"


class PeriodIsClosed(LedgerRefused):
    """The entry's number lies among those of a closed period; with a fresh one it is booked."""

    code = "period_is_closed"
