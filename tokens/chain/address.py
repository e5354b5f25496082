"""Addresses of the TON chain in both forms; letters keep their case, checksums are checked.

Raw: `<workchain>:<64 hex digits>`. Friendly: 48 letters of base64 or base64url over 36 bytes, a
tag, the workchain, the account's hash and a CRC-16 (TEP-2).
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from tokens.errors import AddressInvalid

BASECHAIN: Final = 0
MASTERCHAIN: Final = -1
_BOUNCEABLE, _NON_BOUNCEABLE, _TEST_ONLY = 0x11, 0x51, 0x80
_RAW = re.compile(r"(-?[0-9]{1,3}):([0-9a-fA-F]{64})")
_FRIENDLY = re.compile(r"[A-Za-z0-9+/_-]{48}")


@dataclass(frozen=True, slots=True)
class Address:
    """An account: its workchain and the hash of what it was deployed with."""

    workchain: int
    account: bytes

    @property
    def raw(self) -> str:
        """`0:` and 64 lower-case hex digits; the form that is stored and compared."""
        return f"{self.workchain}:{self.account.hex()}"

    def friendly(self, *, bounceable: bool = True, test_only: bool = False) -> str:
        """The form that wallets and explorers show, in base64url."""
        tag = (_BOUNCEABLE if bounceable else _NON_BOUNCEABLE) | (_TEST_ONLY if test_only else 0)
        body = bytes([tag, self.workchain & 0xFF]) + self.account
        return base64.urlsafe_b64encode(body + _checksum(body)).decode()


@dataclass(frozen=True, slots=True)
class Told:
    """An address as somebody wrote it. The raw form says neither; then both are None."""

    address: Address
    bounceable: bool | None
    test_only: bool | None


def address_told(text: str) -> Told:
    """Take either form apart. Raises AddressInvalid, which says what is wrong."""
    raw = _RAW.fullmatch(text)
    if raw is not None:
        return Told(Address(_workchain(int(raw[1])), bytes.fromhex(raw[2])), None, None)
    if ":" in text:
        raise AddressInvalid(f"{text!r} is no raw address: a workchain, a colon, 64 hex digits")
    if _FRIENDLY.fullmatch(text) is None:
        raise AddressInvalid(f"{text!r} is no address: 48 letters of base64, or the raw form")
    return _friendly_told(text)


def address_read(text: str, *, test_network: bool = False) -> Address:
    """The account, of the main network unless told otherwise. Raises AddressInvalid."""
    told = address_told(text)
    if told.test_only and not test_network:
        raise AddressInvalid(f"{text} is an address of the test network")
    return told.address


def _friendly_told(text: str) -> Told:
    if any(one in text for one in "+/") and any(one in text for one in "-_"):
        raise AddressInvalid(f"{text!r} mixes two alphabets of base64")
    octets = base64.b64decode(text, altchars=b"-_" if set(text) & set("-_") else b"+/")
    body, told = octets[:34], octets[34:]
    if _checksum(body) != told:
        raise AddressInvalid(f"{text} has a wrong checksum: a letter is swapped or altered")
    tag, test_only = body[0] & ~_TEST_ONLY, bool(body[0] & _TEST_ONLY)
    if tag not in (_BOUNCEABLE, _NON_BOUNCEABLE):
        raise AddressInvalid(f"{text} has the unknown tag {body[0]:#04x}")
    workchain = _workchain(int.from_bytes(body[1:2], signed=True))
    return Told(Address(workchain, body[2:]), tag == _BOUNCEABLE, test_only)


def _workchain(number: int) -> int:
    if number not in (BASECHAIN, MASTERCHAIN):
        raise AddressInvalid(f"there is no workchain {number}")
    return number


def _checksum(body: bytes) -> bytes:
    """CRC-16/XMODEM, the high byte first."""
    return binascii.crc_hqx(body, 0).to_bytes(2)
