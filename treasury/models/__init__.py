"""Tables of the treasury: the ledger, sums beside it, what is held on it, and who gets what."""

from treasury.models.cash import CashMark, CashRun, CashStep
from treasury.models.holds import Hold
from treasury.models.ledger import (
    ACCOUNT_CODE_FORM,
    ACCOUNT_ROOTS,
    BOOKS,
    Balance,
    CashCheck,
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

__all__ = [
    "ACCOUNT_CODE_FORM",
    "ACCOUNT_ROOTS",
    "BOOKS",
    "Balance",
    "CashCheck",
    "CashMark",
    "CashRun",
    "CashStep",
    "Checkpoint",
    "Currency",
    "DealPosting",
    "Entry",
    "Hold",
    "Leaf",
    "LedgerAccount",
    "Line",
    "PostedMark",
    "Xid8Field",
    "money_field",
]
