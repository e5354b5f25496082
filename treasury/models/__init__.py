"""Tables of the treasury: the ledger, sums beside it, what is held on it, and who gets what."""

from treasury.models.cash import CashMark, CashRun, CashStep
from treasury.models.checks import AccountCheck, Statement, StatementDifference
from treasury.models.distributions import Distribution, DistributionSource, UnitSeries
from treasury.models.holds import Hold
from treasury.models.ledger import (
    ACCOUNT_CODE_FORM,
    ACCOUNT_ROOTS,
    BOOKS,
    Balance,
    Checkpoint,
    Currency,
    DealPosting,
    Entry,
    Leaf,
    LedgerAccount,
    Line,
    PostedMark,
    Xid8Field,
    money_field,
)
from treasury.models.periods import PeriodAdjustment, PeriodClose, PeriodFigure
from treasury.models.policies import (
    HOUSE,
    INVESTOR,
    POLICIES,
    SUBSCRIPTION,
    AllocationPolicy,
    PolicyBinding,
    PolicyVersion,
    RevenueStream,
)
from treasury.models.prices import Conversion, PriceSnapshot
from treasury.models.results import TradeDay

__all__ = [
    "ACCOUNT_CODE_FORM",
    "ACCOUNT_ROOTS",
    "BOOKS",
    "HOUSE",
    "INVESTOR",
    "POLICIES",
    "SUBSCRIPTION",
    "AccountCheck",
    "AllocationPolicy",
    "Balance",
    "CashMark",
    "CashRun",
    "CashStep",
    "Checkpoint",
    "Conversion",
    "Currency",
    "DealPosting",
    "Distribution",
    "DistributionSource",
    "Entry",
    "Hold",
    "Leaf",
    "LedgerAccount",
    "Line",
    "PeriodAdjustment",
    "PeriodClose",
    "PeriodFigure",
    "PolicyBinding",
    "PolicyVersion",
    "PostedMark",
    "PriceSnapshot",
    "RevenueStream",
    "Statement",
    "StatementDifference",
    "TradeDay",
    "UnitSeries",
    "Xid8Field",
    "money_field",
]
