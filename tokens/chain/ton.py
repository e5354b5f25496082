"""The TON chain: get-methods of a node, all at one block, and an index as second opinion."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from tokens.chain import answers
from tokens.chain.address import Address
from tokens.chain.answers import MasterSays, Moved, Ran, WalletSays
from tokens.chain.cells import address_cell, boc_write
from tokens.chain.client import Source, source_open
from tokens.chain.reader import Question, Reading
from tokens.errors import ChainUnknown

SECONDS_MAX: Final = 20.0
_SHARD: Final = "-9223372036854775808"
_ROWS: Final = 100
_PAGES_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class TonReader:
    """`node_url` speaks the API v2, `index_url` the API v3, of TON Center's kind."""

    node_url: str
    index_url: str
    key: str = ""
    seconds_max: float = SECONDS_MAX

    async def read(self, question: Question) -> Reading:
        """Supply and balance as both sources have them, and what moved since."""
        try:
            async with (
                asyncio.timeout(self.seconds_max),
                source_open("node", self.node_url, key=self.key) as node,
                source_open("index", self.index_url, key=self.key) as index,
            ):
                return await _read(node, index, question)
        except TimeoutError as error:
            raise ChainUnknown(f"no whole answer within {self.seconds_max:g} s") from error


async def _read(node: Source, index: Source, question: Question) -> Reading:
    owner, master = question.owner, question.master
    info = await node.get("getMasterchainInfo")
    seqno = answers.newest_seqno(info, is_loopback=question.is_loopback)
    header = await node.get("getBlockHeader", workchain=-1, shard=_SHARD, seqno=seqno)
    block_at = answers.block_moment(header, seqno=seqno)
    says = answers.jetton_data(await _run(node, master, "get_jetton_data", seqno))
    asked = [["tvm.Slice", boc_write(address_cell(owner))]]
    wallet = answers.wallet_address(await _run(node, master, "get_wallet_address", seqno, asked))
    told = await _run(node, wallet, "get_wallet_data", seqno)
    holds = answers.wallet_data(told, owner=owner, master=master)
    if holds.code != says.wallet_code:
        raise ChainUnknown("the wallet runs other code than the jetton's wallets")
    await _agree(index, question, wallet, says, holds)
    return Reading(
        seqno=seqno,
        block_at=block_at,
        supply=says.supply,
        balance=holds.balance,
        mintable=says.mintable,
        admin=says.admin,
        wallet=wallet.raw,
        wallet_code=holds.code,
        since=question.since,
        moved=tuple(await _moved(index, question)),
    )


async def _run(
    node: Source, address: Address, method: str, seqno: int, stack: list[list[str]] | None = None
) -> Ran:
    body = {"address": address.raw, "method": method, "stack": stack or [], "seqno": seqno}
    return answers.ran(await node.post("runGetMethod", body), seqno=seqno, method=method)


async def _agree(
    index: Source, question: Question, wallet: Address, says: MasterSays, holds: WalletSays
) -> None:
    """Raise ChainUnknown unless the index has the same, of the same last change of each account."""
    raw = await index.get("jetton/masters", address=question.master.raw, limit=_ROWS)
    other = answers.index_master(raw, master=question.master)
    raw = await index.get(
        "jetton/wallets",
        owner_address=question.owner.raw,
        jetton_address=question.master.raw,
        limit=_ROWS,
    )
    balance, lt = answers.index_wallet(
        raw, wallet=wallet, owner=question.owner, master=question.master
    )
    _same_change("the jetton", says.lt, other.lt)
    _same_change("the wallet", holds.lt, lt)
    if other != says:
        raise ChainUnknown("node and index disagree about the jetton at its last change")
    if balance != holds.balance:
        raise ChainUnknown("node and index disagree about the wallet at its last change")


def _same_change(what: str, node_lt: int, index_lt: int) -> None:
    if index_lt < node_lt:
        raise ChainUnknown(f"the index has not seen the last change of {what} yet")
    if index_lt > node_lt:
        raise ChainUnknown(f"{what} has changed since the node's block")


async def _moved(index: Source, question: Question) -> list[Moved]:
    """What moved of ours since then, oldest first."""
    if question.since is None:
        return []
    owner, master = question.owner, question.master
    told: dict[str, str | int] = {
        "jetton_master": master.raw,
        "start_utime": int(question.since.timestamp()),
        "sort": "asc",
    }
    found: list[Moved] = []
    async for raw in _pages(index, "jetton/burns", {"address": owner.raw, **told}):
        found += answers.burns(raw, owner=owner, master=master)
    async for raw in _pages(index, "jetton/transfers", {"owner_address": owner.raw, **told}):
        found += answers.transfers(raw, owner=owner, master=master)
    return sorted(found, key=lambda one: one.lt)


async def _pages(index: Source, path: str, params: dict[str, str | int]) -> AsyncIterator[bytes]:
    """Each page until one is not full. Raises ChainUnknown where they do not end."""
    for page in range(_PAGES_MAX):
        raw = await index.get(path, limit=_ROWS, offset=page * _ROWS, **params)
        yield raw
        if answers.rows_in(raw) < _ROWS:
            return
    raise ChainUnknown("more has moved since than can be read")
