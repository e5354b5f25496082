"""Closed position → journal entries of the tokens. Pure.

Points are issued in the unit's own currency, from Equity:Issued to the holders' pool; the DCT
accrual moves account currency inside Equity and is signed: a loss takes back what gains gave.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tokens.rules import earning
from treasury.rules.drafts import EntryDraft, LineDraft

DAI = "DAI"
DA = "DA"
DCT = "DCT"
TOKEN_CODES = (DAI, DA, DCT)
ENTRY_KINDS = {DAI: "token.dai", DA: "token.da", DCT: "token.dct_accrual"}


@dataclass(frozen=True, slots=True)
class ClosedPosition:
    """What the tokens need of a position; `net` in the account's currency.

    `source` is the position's subject, by which its entries name it.
    """

    source: str
    account_id: int
    position_ticket: int
    fold_revision: int
    book: str
    currency: str
    currency_scale: int
    trace_id: str
    closed_at: datetime
    quality: earning.Quality

    def idem_key(self, token_code: str) -> str:
        return f"tok:{self.account_id}:{self.position_ticket}:{self.fold_revision}:{token_code}"


@dataclass(frozen=True, slots=True)
class Award:
    """What one token's rule gave; no draft means nothing to post, with the reason."""

    token_code: str
    amount: Decimal
    draft: EntryDraft | None
    reason: str = ""


def issued_account(token_code: str) -> str:
    """Minus the supply: what was ever issued less what was taken back."""
    return f"Equity:Issued:{token_code}"


def pool_account(token_code: str) -> str:
    """Units that belong to holders and are not given to any one of them yet."""
    return f"Liabilities:Holders:{token_code}:Pool"


def shortfall_account(token_code: str) -> str:
    """Units that were given on and then taken back: outstanding without having been earned."""
    return f"Equity:Shortfall:{token_code}"


def shortfall_drafts_for(
    token_code: str, cause: EntryDraft, *, left: Decimal, change: Decimal, short: Decimal
) -> list[EntryDraft]:
    """The entry beside `cause` that keeps the pool whole: none, or one.

    `left`: what the pool can give; `change`: what it gets (below zero: gives); `short`: what
    stands as a shortfall. A loss beyond `left` adds to it, a gain pays it back first.
    """
    missing = max(Decimal(0), -change - left) if change < 0 else -min(change, short)
    if missing == 0:
        return []
    pool, shortfall = pool_account(token_code), shortfall_account(token_code)
    return [
        EntryDraft(
            idem_key=f"short:{token_code}:{cause.idem_key}",
            kind="token.shortfall",
            book=cause.book,
            event_at=cause.event_at,
            source=cause.source,
            trace_id=cause.trace_id,
            lines=(
                LineDraft(shortfall, token_code, missing),
                LineDraft(pool, token_code, -missing),
            ),
        )
    ]


def treasury_account(token_code: str) -> str:
    """Units in the treasury's own wallet on the chain."""
    return f"Liabilities:Holders:{token_code}:Treasury"


def market_account(token_code: str) -> str:
    """Units that are in wallets of others, of whom the ledger knows no more."""
    return f"Liabilities:Holders:{token_code}:Market"


def holder_account(token_code: str, workchain: int, account: bytes) -> str:
    """Units that the treasury paid to this address; what becomes of them there is not followed."""
    where = "" if workchain == 0 else "M"
    return f"Liabilities:Holders:{token_code}:Holder-{where}{account.hex().upper()}"


def accrual_account(share: str, currency: str) -> str:
    """Where a share of results accrues until a distribution; equity, never a debt."""
    return f"Equity:Accrual:DCT:{share.capitalize()}:{currency}"


def award_for(
    token_code: str, position: ClosedPosition, parameters: Mapping[str, object], *, decimals: int
) -> Award:
    """The award of one token under these rule parameters."""
    if token_code == DCT:
        return _accrual(position, parameters)
    points_of = {DAI: earning.dai_points, DA: earning.da_points}[token_code]
    points = points_of(position.quality, parameters, decimals=decimals)
    lines = (
        LineDraft(issued_account(token_code), token_code, points),
        LineDraft(pool_account(token_code), token_code, -points),
    )
    return Award(token_code, points, _draft(token_code, position, lines))


def _accrual(position: ClosedPosition, parameters: Mapping[str, object]) -> Award:
    net = position.quality.net
    if net == 0:
        return Award(DCT, Decimal(0), None, "the net result is zero: nothing to accrue")
    shares = earning.dct_accrual(net, parameters, scale=position.currency_scale)
    shares_lines = (
        LineDraft(accrual_account(share, position.currency), position.currency, -amount)
        for share, amount in shares.items()
        if amount != 0
    )
    result = LineDraft(accrual_account("result", position.currency), position.currency, net)
    return Award(DCT, net, _draft(DCT, position, (result, *shares_lines)))


def _draft(token_code: str, position: ClosedPosition, lines: tuple[LineDraft, ...]) -> EntryDraft:
    return EntryDraft(
        idem_key=position.idem_key(token_code),
        kind=ENTRY_KINDS[token_code],
        book=position.book,
        event_at=position.closed_at,
        source=position.source,
        trace_id=position.trace_id,
        lines=lines,
    )
