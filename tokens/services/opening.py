"""Taking over what a jetton's chain held when it was bound: once, as two people told it."""

from decimal import Decimal

from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from tokens.chain.reader import Reading
from tokens.models import ChainBinding, ChainObservation, Token
from tokens.rules.chain_states import DRIFT, FROZEN, Held
from tokens.rules.posting import issued_account, market_account, treasury_account
from tokens.selectors.chain import ledger_units
from treasury.models import Entry
from treasury.rules.accounts import account_kind
from treasury.rules.drafts import EntryDraft, LineDraft
from treasury.services.ledger import account_ensure, post

_NOTHING = Held(0, 0)


def opening_post(bound: ChainBinding, reading: Reading) -> None:
    """Post the opening where the chain holds what was told and the ledger holds nothing yet.

    Under the binding's lock, in the caller's transaction. The reading is stored first: the entry
    rests on it.
    """
    told = Held(int(bound.opening_supply), int(bound.opening_balance))
    if bound.state == FROZEN or told == _NOTHING or told != Held(reading.supply, reading.balance):
        return
    key = f"chain:{bound.pk}:opening"
    if Entry.objects.filter(idem_key=key).exists():
        return
    if ledger_units(token_id=bound.token_id, book=bound.book) != _NOTHING:
        return
    ChainObservation.objects.create(
        binding=bound,
        state=DRIFT,
        reason="the ledger takes over what the chain held when it was bound",
        seqno=reading.seqno,
        block_at=reading.block_at,
        supply=reading.supply,
        balance=reading.balance,
        admin=reading.admin,
        mintable=reading.mintable,
        wallet=reading.wallet,
        wallet_code=reading.wallet_code,
    )
    jetton_accounts_ensure(token=bound.token, book=bound.book)
    post(drafts=[_draft(bound, key, told)])


def jetton_accounts_ensure(*, token: Token, book: str) -> None:
    """The supply, whose floor is the cap, the treasury's wallet, and what the market holds."""
    floors = {
        issued_account(token.code): -token.cap if token.cap is not None else None,
        market_account(token.code): None,
        treasury_account(token.code): Decimal(0),
    }
    for code, floor in sorted(floors.items()):
        account_ensure(
            code=code, book=book, currency=token.code, kind=account_kind(code), floor=floor
        )


def _draft(bound: ChainBinding, key: str, told: Held) -> EntryDraft:
    token = bound.token
    amounts = {
        issued_account(token.code): told.supply,
        treasury_account(token.code): -told.balance,
        market_account(token.code): told.balance - told.supply,
    }
    lines = (
        LineDraft(code, token.code, Decimal(units).scaleb(-token.decimals))
        for code, units in amounts.items()
        if units
    )
    return EntryDraft(
        idem_key=key,
        kind="token.opening",
        book=bound.book,
        event_at=now(),
        source=subject_of(ChainBinding, bound.pk),
        trace_id=bound.trace_id,
        lines=tuple(lines),
        note=f"read from {bound.network}",
    )
