"""A loopback chain server, process `chain`: no chain, but it answers as a TON node and index do.

python -m fusion_project.local.chain --home HOME --port PORT

For the paper book alone; it says what it is in every answer that names a block. It also plays the
person who carries out what the desk intends, and can be made to misbehave.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from fusion_project.local.chain_manners import misbehaved, misbehaving_write
from fusion_project.local.servers.kept_files import private_write
from tokens.chain.address import Address, address_told
from tokens.chain.answers import LOOPBACK
from tokens.chain.cells import Cell, address_cell, address_of_cell, boc_read, boc_write
from tokens.errors import AddressInvalid, ChainAnswerUnreadable


def _account(name: str) -> Address:
    return Address(0, hashlib.sha256(f"df.loopback.{name}".encode()).digest())


MASTER, TREASURY, MARKET = _account("jetton"), _account("treasury"), _account("market")
SUPPLY: Final = 100_000_000 * 10**9
KINDS: Final = ("burn", "mint", "payout", "buyback")
_CODE: Final = Cell(b"df.loopback.wallet", 144)
_BLOCK_SECONDS: Final = 5
_GENESIS: Final = 1_767_225_600
_BODY_BYTES_MAX: Final = 65_536


class ActRefused(ValueError):
    """The chain would not do this."""


@dataclass
class LoopbackChain:
    """What the chain holds: base units of each owner, the last change of each, what happened."""

    balances: dict[str, int] = field(default_factory=lambda: {TREASURY.raw: SUPPLY})
    changed: dict[str, int] = field(default_factory=dict)
    lt: int = 1_000
    transactions: list[dict[str, Any]] = field(default_factory=list)
    admin: str = TREASURY.raw
    mintable: bool = True

    @property
    def supply(self) -> int:
        return sum(self.balances.values())

    def act(self, kind: str, units: int, other: str = "", *, at: float | None = None) -> str:
        """Do what a person would do with the treasury's wallet; returns the transaction's hash.

        `other`: raw, whom it goes to or comes from. Raises ActRefused.
        """
        if kind not in KINDS or units <= 0:
            raise ActRefused(f"expected one of {', '.join(KINDS)} and an amount above 0")
        giver, taker = {
            "burn": (TREASURY.raw, ""),
            "mint": ("", TREASURY.raw),
            "payout": (TREASURY.raw, other),
            "buyback": (other or MARKET.raw, TREASURY.raw),
        }[kind]
        if giver and self.balances.get(giver, 0) < units:
            raise ActRefused(f"{giver} holds {self.balances.get(giver, 0)}")
        if kind == "payout" and not other:
            raise ActRefused("a payout goes to somebody")
        self.lt += 1_000
        for owner, change in ((giver, -units), (taker, units)):
            if owner:
                self.balances[owner] = self.balances.get(owner, 0) + change
                self.changed[owner] = self.lt
        if "" in (giver, taker):
            self.changed[MASTER.raw] = self.lt
        digest = hashlib.sha256(f"{self.lt}:{kind}:{units}:{other}".encode()).hexdigest()
        self.transactions.append(
            {
                "kind": kind,
                "hash": digest,
                "lt": self.lt,
                "at": int(time.time() if at is None else at),
                "units": units,
                "source": giver,
                "destination": taker,
            }
        )
        return digest

    def lt_of(self, account: str) -> int:
        return self.changed.get(account, 1_000)


def wallet_of(owner: Address) -> Address:
    """Where an owner's units lie."""
    return Address(0, hashlib.sha256(b"df.loopback.wallet" + owner.raw.encode()).digest())


def seqno_now() -> int:
    """A block each five seconds."""
    return (int(time.time()) - _GENESIS) // _BLOCK_SECONDS


class ChainServer:
    """The server over one chain; `manner` names how it misbehaves, '' for not at all."""

    def __init__(self, port: int = 0, *, kept_in: Path | None = None) -> None:
        self.lock = threading.Lock()
        self.manner = ""
        self.stopping = threading.Event()
        self._kept_in = kept_in
        self.chain = self._load()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler_for(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def act(self, kind: str, units: int, other: str = "") -> str:
        """As `LoopbackChain.act`, kept."""
        with self.lock:
            digest = self.chain.act(kind, units, other)
            if self._kept_in is not None:
                private_write(self._kept_in, json.dumps(asdict(self.chain)))
        return digest

    def answer(self, path: str, asked: dict[str, str], body: dict[str, Any]) -> Any:
        """The answer to one call, or None where there is no such call."""
        with self.lock:
            if path.startswith("/api/v2/"):
                call = _NODE.get(path.removeprefix("/api/v2/"))
                return {"ok": True, "result": call(self.chain, asked, body)} if call else None
            call = _INDEX.get(path.removeprefix("/api/v3/"))
            return call(self.chain, asked, body) if call else None

    def _load(self) -> LoopbackChain:
        if self._kept_in is None or not self._kept_in.exists():
            return LoopbackChain()
        return LoopbackChain(**json.loads(self._kept_in.read_text()))


def _block(seqno: int) -> dict[str, Any]:
    return {"workchain": -1, "shard": "-9223372036854775808", "seqno": seqno}


def _masterchain(chain: LoopbackChain, asked: Any, body: Any) -> dict[str, Any]:
    return {"last": _block(seqno_now()), "network": LOOPBACK}


def _header(chain: LoopbackChain, asked: dict[str, str], body: Any) -> dict[str, Any]:
    seqno = int(asked["seqno"])
    return {"id": _block(seqno), "gen_utime": _GENESIS + seqno * _BLOCK_SECONDS}


def _run(chain: LoopbackChain, asked: Any, body: dict[str, Any]) -> dict[str, Any]:
    address = address_told(body["address"]).address
    stack, exit_code = _stack(chain, address, body["method"], body["stack"])
    owner = _owner_of(chain, address)
    lt = chain.lt_of(owner.raw if owner else address.raw)
    return {
        "exit_code": exit_code,
        "stack": stack,
        "block_id": _block(body.get("seqno") or seqno_now()),
        "last_transaction_id": {"lt": str(lt)},
    }


def _stack(
    chain: LoopbackChain, address: Address, method: str, stack: list[Any]
) -> tuple[list[Any], int]:
    code = _cell(_CODE)
    if address == MASTER and method == "get_jetton_data":
        admin = _cell(address_cell(address_told(chain.admin).address))
        mintable = ["num", "-0x1" if chain.mintable else "0x0"]
        return [["num", hex(chain.supply)], mintable, admin, _cell(Cell(b"", 0)), code], 0
    if address == MASTER and method == "get_wallet_address":
        owner = address_of_cell(boc_read(stack[0][1]))
        return ([_cell(address_cell(wallet_of(owner)))], 0) if owner else ([], 9)
    owner = _owner_of(chain, address)
    if owner is not None and method == "get_wallet_data":
        held = ["num", hex(chain.balances[owner.raw])]
        return [held, _cell(address_cell(owner)), _cell(address_cell(MASTER)), code], 0
    return [], -13


def _owner_of(chain: LoopbackChain, wallet: Address) -> Address | None:
    owners = (address_told(raw).address for raw in chain.balances)
    return next((owner for owner in owners if wallet_of(owner) == wallet), None)


def _cell(cell: Cell) -> list[Any]:
    return ["cell", {"bytes": boc_write(cell)}]


def _masters(chain: LoopbackChain, asked: Any, body: Any) -> dict[str, Any]:
    row = {
        "address": MASTER.raw.upper(),
        "total_supply": str(chain.supply),
        "mintable": chain.mintable,
        "admin_address": chain.admin.upper(),
        "jetton_wallet_code_hash": _CODE.sha256.hex(),
        "last_transaction_lt": str(chain.lt_of(MASTER.raw)),
    }
    return {"jetton_masters": [row]}


def _wallets(chain: LoopbackChain, asked: dict[str, str], body: Any) -> dict[str, Any]:
    owner = address_told(asked["owner_address"]).address
    rows = [
        {
            "address": wallet_of(owner).raw.upper(),
            "balance": str(chain.balances[owner.raw]),
            "owner": owner.raw.upper(),
            "jetton": MASTER.raw.upper(),
            "last_transaction_lt": str(chain.lt_of(owner.raw)),
        }
    ]
    return {"jetton_wallets": rows if owner.raw in chain.balances else []}


def _told(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "jetton_master": MASTER.raw.upper(),
        "transaction_hash": one["hash"],
        "transaction_lt": str(one["lt"]),
        "transaction_now": one["at"],
        "transaction_aborted": False,
        "amount": str(one["units"]),
    }


def _page(rows: list[dict[str, Any]], asked: dict[str, str]) -> list[dict[str, Any]]:
    since = int(asked.get("start_utime", 0))
    first, count = int(asked.get("offset", 0)), int(asked.get("limit", 10))
    return [row for row in rows if row["transaction_now"] >= since][first : first + count]


def _burns(chain: LoopbackChain, asked: dict[str, str], body: Any) -> dict[str, Any]:
    found = [
        {**_told(one), "owner": one["source"].upper()}
        for one in chain.transactions
        if one["kind"] == "burn"
    ]
    return {"jetton_burns": _page(found, asked)}


def _transfers(chain: LoopbackChain, asked: dict[str, str], body: Any) -> dict[str, Any]:
    found = [
        {
            **_told(one),
            "source": one["source"].upper() or MASTER.raw.upper(),
            "destination": one["destination"].upper(),
        }
        for one in chain.transactions
        if one["kind"] != "burn"
    ]
    return {"jetton_transfers": _page(found, asked)}


_Call = Callable[[LoopbackChain, dict[str, str], dict[str, Any]], dict[str, Any]]
_NODE: Final[dict[str, _Call]] = {
    "getMasterchainInfo": _masterchain,
    "getBlockHeader": _header,
    "runGetMethod": _run,
}
_INDEX: Final[dict[str, _Call]] = {
    "jetton/masters": _masters,
    "jetton/wallets": _wallets,
    "jetton/burns": _burns,
    "jetton/transfers": _transfers,
}
_UNREADABLE = (AddressInvalid, ChainAnswerUnreadable, LookupError, TypeError, ValueError)


def _body_read(handler: BaseHTTPRequestHandler) -> dict[str, Any]:
    """The JSON object that was sent; what is none counts as empty."""
    length = int(handler.headers.get("Content-Length") or 0)
    try:
        body = json.loads(handler.rfile.read(min(length, _BODY_BYTES_MAX)) or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _handler_for(server: ChainServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve({})

        def do_POST(self) -> None:
            self._serve(_body_read(self))

        def _serve(self, body: dict[str, Any]) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            try:
                if parts.path == "/loopback/act":
                    told: Any = self._act(body)
                else:
                    told = server.answer(parts.path, asked, body)
                    told = misbehaved(server.manner, parts.path, told)
            except _UNREADABLE as error:
                self._write(400, {"ok": False, "error": str(error)})
                return
            self._write(404 if told is None else 200, told)

        def _act(self, body: dict[str, Any]) -> dict[str, str]:
            other = body.get("other") or ""
            other = address_told(other).address.raw if other else ""
            return {"transaction": server.act(body["kind"], int(body["units"]), other)}

        def _write(self, status: int, told: Any) -> None:
            content = json.dumps(told).encode()
            if misbehaving_write(server.manner, self, content, server.stopping):
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Fusion-Chain", "loopback server, no chain")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Every look each minute is no news."""

    return Handler


def chain_command(home: Path, port: int) -> list[str]:
    """The command of the process."""
    module = "fusion_project.local.chain"
    return [sys.executable, "-m", module, "--home", str(home), "--port", str(port)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the run's FUSION_HOME")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = ChainServer(options.port, kept_in=options.home / "loopback_chain.json")
    server.start()
    print(f"loopback server, no chain, on {server.base_url}", flush=True)
    stop.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
