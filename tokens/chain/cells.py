"""Cells of the TON chain: an address as one cell, and any cell that a get-method answers.

A bag of cells is read and written as in the chain's own description (`tvm.pdf` 3.1, `boc.tlb`);
every cell here is of level 0. Hashes pin the code of a contract.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Final

from tokens.chain.address import Address
from tokens.errors import ChainAnswerUnreadable

_MAGIC: Final = bytes.fromhex("b5ee9c72")
_CELLS_MAX, _DEPTH_MAX, _BYTES_MAX = 1_024, 512, 65_536
# addr_std without anycast: two bits of its kind, one bit, 8 of the workchain, 256 of the account.
_ADDRESS_BITS: Final = 267
_LIBRARY: Final = 2


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cell:
    """Up to 1 023 bits, the last byte filled with zeros, and up to four cells below.

    `sha256` is the hash by which the chain names it. Both it and the depth are worked out once: of
    a cell that many others share, a walk from above would never end.
    """

    data: bytes
    bits: int
    below: tuple["Cell", ...] = ()
    is_exotic: bool = False
    depth: int = field(init=False)
    sha256: bytes = field(init=False)

    def __post_init__(self) -> None:
        depth = 1 + max(one.depth for one in self.below) if self.below else 0
        told = b"".join(one.depth.to_bytes(2) for one in self.below)
        told += b"".join(one.sha256 for one in self.below)
        digest = hashlib.sha256(_head(self) + _padded(self) + told).digest()
        object.__setattr__(self, "depth", depth)
        object.__setattr__(self, "sha256", digest)


def address_cell(address: Address) -> Cell:
    """The address as the only content of a cell, as get-methods take it."""
    number = 0b100 << 264 | (address.workchain & 0xFF) << 256 | int.from_bytes(address.account)
    return Cell((number << 5).to_bytes(34), _ADDRESS_BITS)


def address_of_cell(cell: Cell) -> Address | None:
    """The address that a cell begins with; None for the one that is nobody's.

    Raises ChainAnswerUnreadable for anything else.
    """
    number = int.from_bytes(cell.data)
    if cell.bits >= 2 and number >> (len(cell.data) * 8 - 2) == 0b00:
        return None
    if cell.bits < _ADDRESS_BITS or number >> (len(cell.data) * 8 - 3) != 0b100:
        raise ChainAnswerUnreadable("a cell that should hold an address holds something else")
    told = (number >> (len(cell.data) * 8 - _ADDRESS_BITS)).to_bytes(34)
    workchain = int.from_bytes(told[1:2], signed=True)
    return Address(workchain, told[2:])


def boc_write(cell: Cell) -> str:
    """A cell without cells below as a bag of cells in base64."""
    if cell.below:
        raise ValueError("one cell is written, not a tree")
    body = _head(cell) + _padded(cell)
    sizes = bytes([0x01, 0x01, 0x01, 0x01, 0x00, len(body), 0x00])
    return base64.b64encode(_MAGIC + sizes + body).decode()


def boc_read(text: str) -> Cell:
    """The root of a bag of cells in base64. Raises ChainAnswerUnreadable."""
    try:
        octets = base64.b64decode(text, validate=True)
        if len(octets) > _BYTES_MAX:
            raise ChainAnswerUnreadable("a bag of cells is larger than any here may be")
        return _Bag(octets).root()
    except (LookupError, ValueError) as error:
        raise ChainAnswerUnreadable(f"a bag of cells cannot be read: {error}") from error


class _Bag:
    """One reading of the serialised form, front to back."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def root(self) -> Cell:
        if self._take(4) != _MAGIC:
            raise ValueError("it does not begin as one")
        flags = self._number(1)
        has_index, has_sum, size = bool(flags & 0x80), bool(flags & 0x40), flags & 0x07
        offset = self._number(1)
        count, roots, absent = (self._number(size) for _ in range(3))
        length = self._number(offset)
        if not 1 <= count <= _CELLS_MAX or roots != 1 or absent or flags & 0x38:
            raise ValueError(f"{count} cells with {roots} roots")
        first = self._number(size)
        if has_index:
            self._take(offset * count)
        begins = self._at
        rows = [self._row(size) for _ in range(count)]
        if self._at - begins != length:
            raise ValueError("its length is not what it says")
        if has_sum and crc32c(self._octets[: self._at]) != self._take(4):
            raise ValueError("its checksum is wrong")
        if self._at != len(self._octets):
            raise ValueError("something follows it")
        return _linked(rows, first)

    def _row(self, size: int) -> tuple[Cell, list[int]]:
        first, second = self._number(1), self._number(1)
        below = first & 0x07
        if below > 4 or first & 0xF0:
            raise ValueError("a cell of a kind that does not belong here")
        data = self._take((second + 1) // 2)
        bits = len(data) * 8
        if second % 2:
            if not data[-1]:
                raise ValueError("a cell does not say where its bits end")
            unused = (data[-1] & -data[-1]).bit_length()
            bits -= unused
            data = data[:-1] + bytes([data[-1] >> unused << unused])
        is_exotic = bool(first & 0x08)
        if is_exotic and (not data or data[0] != _LIBRARY):
            raise ValueError("a pruned or proving cell does not belong here")
        return Cell(data, bits, (), is_exotic), [self._number(size) for _ in range(below)]

    def _take(self, count: int) -> bytes:
        taken = self._octets[self._at : self._at + count]
        if len(taken) != count:
            raise ValueError("it breaks off")
        self._at += count
        return taken

    def _number(self, count: int) -> int:
        return int.from_bytes(self._take(count))


def _linked(rows: list[tuple[Cell, list[int]]], first: int) -> Cell:
    """Cells point forward only, so that the last ones are whole first."""
    whole: dict[int, Cell] = {}
    for at in range(len(rows) - 1, -1, -1):
        cell, below = rows[at]
        if any(one <= at for one in below):
            raise ValueError("a cell points backward")
        linked = tuple(whole[one] for one in below)
        if any(one.depth >= _DEPTH_MAX for one in linked):
            raise ValueError("it is deeper than any here may be")
        whole[at] = Cell(cell.data, cell.bits, linked, cell.is_exotic)
    return whole[first]


def _head(cell: Cell) -> bytes:
    return bytes([len(cell.below) + 8 * cell.is_exotic, cell.bits // 8 + (cell.bits + 7) // 8])


def _padded(cell: Cell) -> bytes:
    """A last byte that is not full ends with a one and zeros."""
    used = cell.bits % 8
    if not used:
        return cell.data
    return cell.data[:-1] + bytes([cell.data[-1] | 0x80 >> used])


def crc32c(octets: bytes) -> bytes:
    """CRC-32C (Castagnoli), the low byte first."""
    value = 0xFFFFFFFF
    for one in octets:
        value ^= one
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return (value ^ 0xFFFFFFFF).to_bytes(4, "little")
