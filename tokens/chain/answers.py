"""What a node and an index of the TON chain answer, read strictly; each row is matched by us.

Shapes: TON Center API v2 (`runGetMethod`) and v3 (`jetton/…`). An index ignores parameters that it
does not know and then answers with everybody's rows, so owner and master are compared here.
"""

import base64
import binascii
import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from tokens.chain.address import MASTERCHAIN, Address, address_told
from tokens.chain.cells import Cell, address_of_cell, boc_read
from tokens.errors import AddressInvalid, ChainAnswerUnreadable, ChainUnknown

# An amount on the chain has 120 bits; a number beyond is none.
COINS_MAX: Final = 2**120 - 1
LOOPBACK: Final = "loopback"
_LT_MAX: Final = 2**64 - 1
_SEQNO_MAX: Final = 2**32 - 1
_EXITS_WELL: Final = (0, 1)

Body = TypeVar("Body", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class MasterSays:
    """A jetton's master: base units in all, who may mint, its wallets' code, its last change."""

    supply: int
    mintable: bool
    admin: str
    wallet_code: str
    lt: int


@dataclass(frozen=True, slots=True)
class WalletSays:
    """A jetton wallet: base units, whose it is, of which jetton, its code, its last change."""

    balance: int
    owner: Address
    master: Address
    code: str
    lt: int


@dataclass(frozen=True, slots=True)
class Moved:
    """One transaction with units of ours. `kind`: burn, in or out; `other`: raw, '' where nobody.

    `transaction`: its hash in hex.
    """

    transaction: str
    lt: int
    at: dt.datetime
    kind: str
    units: int
    other: str


class _Block(msgspec.Struct):
    workchain: int
    seqno: int


class _Last(msgspec.Struct):
    last: _Block
    network: str = ""


class _Header(msgspec.Struct):
    id: _Block
    gen_utime: int


class _TransactionId(msgspec.Struct):
    lt: str


class _Run(msgspec.Struct):
    exit_code: int
    stack: list[Any]
    block_id: _Block
    last_transaction_id: _TransactionId


class _Node(msgspec.Struct):
    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"{}")
    error: str = ""


class _IndexMaster(msgspec.Struct):
    address: str
    total_supply: str
    mintable: bool
    jetton_wallet_code_hash: str
    last_transaction_lt: str
    admin_address: str | None = None


class _IndexMasters(msgspec.Struct):
    jetton_masters: list[_IndexMaster]


class _IndexWallet(msgspec.Struct):
    address: str
    balance: str
    owner: str
    jetton: str
    last_transaction_lt: str


class _IndexWallets(msgspec.Struct):
    jetton_wallets: list[_IndexWallet]


class _Burn(msgspec.Struct):
    owner: str
    jetton_master: str
    transaction_hash: str
    transaction_lt: str
    transaction_now: int
    transaction_aborted: bool
    amount: str


class _Burns(msgspec.Struct):
    jetton_burns: list[_Burn]


class _Transfer(msgspec.Struct):
    destination: str
    jetton_master: str
    transaction_hash: str
    transaction_lt: str
    transaction_now: int
    transaction_aborted: bool
    amount: str
    source: str | None = None


class _Transfers(msgspec.Struct):
    jetton_transfers: list[_Transfer]


class _Rows(msgspec.Struct):
    jetton_burns: list[msgspec.Raw] = []
    jetton_transfers: list[msgspec.Raw] = []


@dataclass(frozen=True, slots=True)
class Ran:
    """What a get-method left on the stack, and the account's last change."""

    stack: list[Any]
    lt: int


def newest_seqno(raw: bytes, *, is_loopback: bool) -> int:
    """The last block of the masterchain, from a server of the kind that is bound."""
    told = _result(raw, _Last)
    if (told.network == LOOPBACK) is not is_loopback:
        what = "a loopback server, no chain" if told.network == LOOPBACK else "no loopback server"
        raise ChainUnknown(f"the node says that it is {what}")
    if told.last.workchain != MASTERCHAIN:
        raise ChainAnswerUnreadable("the node tells a block of another chain")
    return _within(told.last.seqno, _SEQNO_MAX, "a block's number")


def block_moment(raw: bytes, *, seqno: int) -> dt.datetime:
    """When the block was made."""
    told = _result(raw, _Header)
    _block_check(told.id, seqno)
    return _moment(told.gen_utime)


def ran(raw: bytes, *, seqno: int, method: str) -> Ran:
    """A get-method's answer at this very block."""
    told = _result(raw, _Run)
    _block_check(told.block_id, seqno)
    if told.exit_code not in _EXITS_WELL:
        raise ChainUnknown(f"{method} ended with exit code {told.exit_code}")
    return Ran(told.stack, _lt(told.last_transaction_id.lt))


def jetton_data(one: Ran) -> MasterSays:
    """get_jetton_data: supply, mintable, admin, content, wallets' code (TEP-74)."""
    supply, mintable, admin, _, code = _items(one, 5, "get_jetton_data")
    who = address_of_cell(_cell(admin))
    return MasterSays(
        supply=_coins(_number(supply)),
        mintable=_number(mintable) != 0,
        admin=who.raw if who is not None else "",
        wallet_code=_cell(code).sha256.hex(),
        lt=one.lt,
    )


def wallet_address(one: Ran) -> Address:
    """get_wallet_address: where the owner's units of this jetton lie."""
    (told,) = _items(one, 1, "get_wallet_address")
    found = address_of_cell(_cell(told))
    if found is None:
        raise ChainUnknown("the jetton names no wallet for the owner")
    return found


def wallet_data(one: Ran, *, owner: Address, master: Address) -> WalletSays:
    """get_wallet_data: balance, owner, master, code; of this owner and this jetton alone."""
    balance, whose, of_what, code = _items(one, 4, "get_wallet_data")
    told = (address_of_cell(_cell(whose)), address_of_cell(_cell(of_what)))
    if told != (owner, master):
        raise ChainUnknown("the node answers with the wallet of another owner or another jetton")
    return WalletSays(_coins(_number(balance)), owner, master, _cell(code).sha256.hex(), one.lt)


def index_master(raw: bytes, *, master: Address) -> MasterSays:
    """The index's row of the jetton."""
    rows = [one for one in _body(raw, _IndexMasters).jetton_masters if _is(one.address, master)]
    if len(rows) != 1:
        raise ChainUnknown(f"the index has {len(rows)} rows of this jetton")
    (row,) = rows
    return MasterSays(
        supply=_amount(row.total_supply),
        mintable=row.mintable,
        admin=_address(row.admin_address).raw if row.admin_address else "",
        wallet_code=_hash(row.jetton_wallet_code_hash),
        lt=_lt(row.last_transaction_lt),
    )


def index_wallet(
    raw: bytes, *, wallet: Address, owner: Address, master: Address
) -> tuple[int, int]:
    """Balance and last change of this very wallet, as the index has them."""
    rows = [
        one
        for one in _body(raw, _IndexWallets).jetton_wallets
        if _is(one.owner, owner) and _is(one.jetton, master)
    ]
    if len(rows) != 1:
        raise ChainUnknown(f"the index has {len(rows)} wallets of this owner and this jetton")
    if not _is(rows[0].address, wallet):
        raise ChainUnknown("the index names another wallet of this owner than the jetton does")
    return _amount(rows[0].balance), _lt(rows[0].last_transaction_lt)


def burns(raw: bytes, *, owner: Address, master: Address) -> list[Moved]:
    """What this owner burnt of this jetton."""
    return [
        _moved(one, "burn", "")
        for one in _body(raw, _Burns).jetton_burns
        if not one.transaction_aborted and _is(one.owner, owner) and _is(one.jetton_master, master)
    ]


def transfers(raw: bytes, *, owner: Address, master: Address) -> list[Moved]:
    """What of this jetton left this owner or came to it; what it mints comes from the master."""
    found = []
    for one in _body(raw, _Transfers).jetton_transfers:
        if one.transaction_aborted or not _is(one.jetton_master, master):
            continue
        source = _address(one.source) if one.source else None
        destination = _address(one.destination)
        if source == owner and destination != owner:
            found.append(_moved(one, "out", destination.raw))
        elif destination == owner and source != owner:
            found.append(_moved(one, "in", source.raw if source is not None else master.raw))
    return found


def rows_in(raw: bytes) -> int:
    """How many rows a page of burns or transfers has, everybody's."""
    told = _body(raw, _Rows)
    return len(told.jetton_burns) + len(told.jetton_transfers)


def _moved(one: _Burn | _Transfer, kind: str, other: str) -> Moved:
    return Moved(
        transaction=_hash(one.transaction_hash),
        lt=_lt(one.transaction_lt),
        at=_moment(one.transaction_now),
        kind=kind,
        units=_amount(one.amount),
        other=other,
    )


def _result(raw: bytes, kind: type[Body]) -> Body:
    told = _body(raw, _Node)
    if not told.ok:
        raise ChainUnknown(f"the node refuses: {told.error[:100]!r}")
    return _body(bytes(told.result), kind)


def _body(raw: bytes, kind: type[Body]) -> Body:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ChainAnswerUnreadable(f"an answer cannot be read: {str(error)[:150]}") from error


def _block_check(block: _Block, seqno: int) -> None:
    if (block.workchain, block.seqno) != (MASTERCHAIN, seqno):
        raise ChainUnknown(f"asked at block {seqno}, the node answers at {block.seqno}")


def _items(one: Ran, count: int, method: str) -> list[Any]:
    if len(one.stack) != count:
        raise ChainAnswerUnreadable(f"{method} left {len(one.stack)} items, not {count}")
    return one.stack


def _number(item: Any) -> int:
    match item:
        case ["num", str(text)] if len(text) <= 68:
            try:
                return int(text, 16)
            except ValueError:
                pass
    raise ChainAnswerUnreadable("a get-method left something where a number should be")


def _cell(item: Any) -> Cell:
    match item:
        case ["cell" | "slice", {"bytes": str(text)}]:
            return boc_read(text)
    raise ChainAnswerUnreadable("a get-method left something where a cell should be")


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 40):
        raise ChainAnswerUnreadable(f"{text[:50]!r} is no amount in base units")
    return _coins(int(text))


def _coins(number: int) -> int:
    return _within(number, COINS_MAX, "an amount")


def _lt(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise ChainAnswerUnreadable(f"{text[:50]!r} is no logical time")
    return _within(int(text), _LT_MAX, "a logical time")


def _within(number: int, most: int, what: str) -> int:
    if not 0 <= number <= most:
        raise ChainAnswerUnreadable(f"{what} is out of range")
    return number


def _moment(seconds: int) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ChainAnswerUnreadable("a time is out of range") from error


def _is(text: str, address: Address) -> bool:
    return _address(text) == address


def _address(text: str) -> Address:
    try:
        return address_told(text).address
    except AddressInvalid as error:
        raise ChainAnswerUnreadable(str(error)) from error


def _hash(text: str) -> str:
    """32 octets, in hex or base64 as either source writes them, as hex."""
    try:
        told = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, altchars=b"-_")
    except (binascii.Error, ValueError) as error:
        raise ChainAnswerUnreadable(f"{text[:70]!r} is no hash") from error
    if len(told) != 32:
        raise ChainAnswerUnreadable(f"{text[:70]!r} is no hash")
    return told.hex()
