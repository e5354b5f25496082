"""Tables of the treasury: the ledger, what becomes of deals, and sums and checks beside it."""

from treasury.models.cash import CashMark, CashRun, CashStep
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
    "Leaf",
    "LedgerAccount",
    "Line",
    "PostedMark",
    "Xid8Field",
    "money_field",
]
