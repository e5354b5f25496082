"""How the loopback chain server misbehaves when it is told to: what real sources have done."""

from __future__ import annotations

import base64
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from tokens.chain.address import address_told
from tokens.chain.cells import Cell, address_cell, boc_write

ANOTHER: Final = "0:" + "ab" * 32
_STATUS: Final = {"answers_429": 429, "answers_500": 500}
WRITTEN: Final = ("hangs", "drips", "breaks_off", "not_json", "too_much", *_STATUS)
TOLD: Final = (
    "empty_list",
    "another_owner",
    "another_master",
    "another_owner_at_the_node",
    "another_wallet",
    "another_block",
    "older_block",
    "stale_block",
    "huge_number",
    "beyond_coins",
    "below_zero",
    "wrong_checksum",
    "not_deployed",
    "other_code",
    "index_disagrees",
    "index_lags",
    "index_ahead",
    "no_loopback",
    "deep_answer",
)
MANNERS: Final = (*WRITTEN, *TOLD)


def misbehaved(manner: str, path: str, told: Any) -> Any:
    """The answer as this manner changes it; as it is where it says nothing of this call."""
    change = _CHANGES.get((manner, path.rpartition("/")[2]))
    if change is not None and isinstance(told, dict):
        change(told)
    return told


def misbehaving_write(
    manner: str, handler: BaseHTTPRequestHandler, content: bytes, stop: threading.Event
) -> bool:
    """Write as this manner does, until `stop`; False where it has nothing to say of writing."""
    if manner not in WRITTEN:
        return False
    if manner == "hangs":
        stop.wait()
        return True
    if manner == "not_json":
        content = b"<html>502 Bad Gateway</html>"
    elif manner == "too_much":
        content = b" " * 2_000_000
    handler.send_response(_STATUS.get(manner, 200))
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    if manner == "drips":
        for octet in content:
            handler.wfile.write(bytes([octet]))
            handler.wfile.flush()
            if stop.wait(0.05):
                return True
    else:
        handler.wfile.write(content[: len(content) // 2] if manner == "breaks_off" else content)
    return True


def _wallet(told: dict[str, Any], **values: str) -> None:
    for row in told.get("jetton_wallets", ()):
        row.update(values)


def _block(told: dict[str, Any], **values: int) -> None:
    result = told["result"]
    (result.get("last") or result.get("block_id") or result["id"]).update(values)


def _number(told: dict[str, Any], text: str) -> None:
    stack = told["result"]["stack"]
    if stack and stack[0][0] == "num":
        stack[0][1] = text


def _sum_broken(told: dict[str, Any]) -> None:
    """A bag of cells whose checksum does not fit it."""
    for item in told["result"]["stack"]:
        if item[0] == "cell":
            octets = bytearray(base64.b64decode(item[1]["bytes"]))
            octets[4] |= 0x40
            item[1]["bytes"] = base64.b64encode(bytes(octets) + b"\0\0\0\0").decode()


def _other_cell(told: dict[str, Any], at: int) -> None:
    """One item of a wallet's data is the empty cell, or another address."""
    stack = told["result"]["stack"]
    if len(stack) == 4:
        cell = Cell(b"x", 8) if at == 3 else address_cell(address_told(ANOTHER).address)
        stack[at] = ["cell", {"bytes": boc_write(cell)}]


def _undeployed(told: dict[str, Any]) -> None:
    if len(told["result"]["stack"]) == 4:
        told["result"].update(stack=[], exit_code=-13)


def _plus(told: dict[str, Any], name: str, change: int) -> None:
    for row in told.get("jetton_wallets", ()):
        row[name] = str(int(row[name]) + change)


def _deep(told: dict[str, Any]) -> None:
    inner: Any = 0
    for _ in range(900):
        inner = [inner]
    told["result"]["stack"] = inner


_CHANGES: Final = {
    ("empty_list", "wallets"): lambda told: told.update(jetton_wallets=[]),
    ("another_owner", "wallets"): lambda told: _wallet(told, owner=ANOTHER, balance="1"),
    ("another_master", "wallets"): lambda told: _wallet(told, jetton=ANOTHER, balance="1"),
    ("another_wallet", "wallets"): lambda told: _wallet(told, address=ANOTHER),
    ("another_owner_at_the_node", "runGetMethod"): lambda told: _other_cell(told, 1),
    ("other_code", "runGetMethod"): lambda told: _other_cell(told, 3),
    ("another_block", "runGetMethod"): lambda told: _block(told, seqno=7),
    ("older_block", "getMasterchainInfo"): lambda told: _block(told, seqno=5_000_000),
    ("stale_block", "getBlockHeader"): lambda told: told["result"].update(gen_utime=1_767_225_600),
    ("huge_number", "runGetMethod"): lambda told: _number(told, "0x" + "f" * 5_000),
    ("beyond_coins", "runGetMethod"): lambda told: _number(told, hex(2**120)),
    ("below_zero", "runGetMethod"): lambda told: _number(told, "-0x1"),
    ("wrong_checksum", "runGetMethod"): _sum_broken,
    ("not_deployed", "runGetMethod"): _undeployed,
    ("index_disagrees", "wallets"): lambda told: _plus(told, "balance", -1),
    ("index_lags", "wallets"): lambda told: _plus(told, "last_transaction_lt", -1),
    ("index_ahead", "wallets"): lambda told: _plus(told, "last_transaction_lt", 1),
    ("no_loopback", "getMasterchainInfo"): lambda told: told["result"].update(network=""),
    ("deep_answer", "runGetMethod"): _deep,
}
