"""A scripted server over HTTP on loopback: it keeps to the contract unless a case bends it.

It has no database, reads strictly what it is sent, and keeps as a fault whatever an executor must
not send. A case bends single answers, and never what the server believes of itself.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import ThreadingHTTPServer
from typing import Any

from execution import wire
from execution.wire.fields import API_MINOR, MomentText
from tests.contract.executor.bent import LOST, Bent
from tests.contract.executor.handler import Handler
from tests.contract.executor.members import TELLS_ALL, beyond, hello_beyond
from tests.contract.executor.orders import Handed
from tests.contract.executor.signed import Signed

KEY = "test1234.an-executor-key"
KINDS: Mapping[str, type[Any]] = {
    "hello": wire.Hello,
    "poll": wire.Poll,
    "reports": wire.Reports,
    "heartbeat": wire.Heartbeat,
    "bars": wire.Bars,
    "wait": wire.Wait,
}
LEASE_SECONDS = 10
_KEPT_BACK = timedelta(seconds=LEASE_SECONDS)


@dataclass(frozen=True)
class Call:
    """A request that came: its name, its JSON, when by the driver's clock."""

    name: str
    body: Any
    at: datetime


@dataclass
class Told:
    """The reports of one instance, by number."""

    raw: dict[int, bytes] = field(default_factory=dict)

    def gaps(self) -> list[dict[str, int]]:
        last = max(self.raw, default=0)
        return [{"first": n, "last": n} for n in range(1, last) if n not in self.raw]


class Server:
    """`now` is the driver's clock, `skew` how far the server's is ahead of it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.skew = timedelta(0)
        self.minor = API_MINOR
        self.margin_mode = "hedging"
        self.signed: Signed | None = None
        self.entries_allowed = True
        self.permit_seconds = 3
        self.orders: list[Handed] = []
        self.desired: list[dict[str, Any]] = []
        self.calls: list[Call] = []
        self.faults: list[str] = []
        self.reports: list[wire.ExecutionReport] = []
        self.told: defaultdict[str, Told] = defaultdict(Told)
        self.lost_reports = 0
        self.batch_max = 100
        self.refuses: Callable[[wire.ExecutionReport], bool] = lambda report: False
        self.on_call: Callable[[Call], None] = lambda call: None
        self._bent: list[tuple[str, Bent]] = []
        self._nonces: set[str] = set()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.answer = self.answer  # type: ignore[attr-defined]
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    # What a case says.

    def hand_out(self, **terms: Any) -> Handed:
        """Serve an order in the polls to come, and list it in their permit."""
        self.orders.append(Handed(id=4711 + len(self.orders), terms=terms))
        return self.orders[-1]

    def desire(self, command: str, order: Handed | None = None, position: str = "0") -> None:
        """Say a command with each poll: `cancel` until the order is over, others for ever."""
        self.desired.append(
            {
                "order_id": str(order.id if order else 0),
                "fence": order.fence if order else 0,
                "command": command,
                "position_ticket": position,
            }
        )

    def bend(self, call: str, bent: Bent, times: int = 1) -> None:
        """Answer the next such calls otherwise; an empty name stands for any call."""
        self._bent += [(call, bent)] * times

    def straighten(self) -> None:
        """Bend nothing any more."""
        self._bent.clear()

    def heard(self, name: str) -> list[Any]:
        """Return the bodies of such calls that came."""
        return [one.body for one in self.calls if one.name == name]

    def deals(self) -> dict[str, wire.ReportedDeal]:
        """Return each deal that was told, as told last, by its ticket."""
        return {str(one.deal.ticket): one.deal for one in self.reports if one.deal is not None}

    # What it answers.

    def answer(self, name: str, raw: bytes, headers: Mapping[str, str], path: str) -> Bent:
        """Do the server's part, unless it is bent before that, and say how to answer."""
        self.calls.append(Call(name, _plain(raw), self.now()))
        bent = self._bent_take(name)
        if bent is not None and not bent.does:
            return bent
        straight = self._straight(name, raw, headers, path)
        self.on_call(self.calls[-1])
        return straight if bent is None else bent.over(straight)

    def _bent_take(self, name: str) -> Bent | None:
        for at, (call, bent) in enumerate(self._bent):
            if call in ("", name):
                del self._bent[at]
                return bent
        return None

    def _straight(self, name: str, raw: bytes, headers: Mapping[str, str], path: str) -> Bent:
        if headers.get("authorization") != f"Token {KEY}":
            self.faults.append(f"{name} without its key")
            return Bent.error(401, "key_refused")
        if self.signed and (refusal := self.signed.refusal(raw, headers, path, self.time())):
            return Bent.error(401, *refusal)
        try:
            body = wire.body_read(raw, KINDS[name])
        except (KeyError, wire.WireError) as error:
            self.faults.append(f"{name} cannot be read: {error}")
            return Bent.error(422, "body_unreadable")
        self._judge(name, body)
        if name == "reports" and len(body.reports) > self.batch_max:
            return Bent.error(503, "too_much_at_once", "send two halves")
        plain = getattr(self, f"_{name}")(body)
        return Bent(body=json.dumps({**plain, "server_time": self.time()}))

    def time(self) -> MomentText:
        return MomentText.of(self.now() + self.skew)

    def _judge(self, name: str, body: Any) -> None:
        """Keep what an executor must not send."""
        plain = self.calls[-1].body
        for one in beyond(name, plain, self.minor):
            self.faults.append(f"{name} to a server of minor {self.minor} has {one}")
        if name == "wait":
            return
        if not body.boot_nonce:
            self.faults.append(f"{name} without a boot nonce")
        if name == "hello" and body.boot_nonce not in self._nonces:
            self._nonces.add(body.boot_nonce)
            for one in hello_beyond(plain):
                self.faults.append(f"the first hello of a run has {one}")
            if body.api_minor > API_MINOR:
                self.faults.append(f"hello says minor {body.api_minor}")

    def _hello(self, body: wire.Hello) -> dict[str, Any]:
        sheets, refused = wire.sheets_read(body.symbols)
        self.faults += [f"a sheet cannot be read: {one}" for one in refused]
        out = [one for one in self.orders if not one.is_over]
        return {
            "account": self._account(),
            "limits": {"order_lots_max": "10", "open_lots_max": "50"},
            "symbols": [
                {"instrument": one.symbol, "broker_symbol": one.symbol, "is_confirmed": True}
                for one in sheets
            ],
            "orders": [
                {"order_id": str(one.id), "fence": one.fence, "state": "leased"} for one in out
            ],
            "last_seq": max(self.told[body.instance].raw, default=0),
            "poll_seconds": "0.5",
            "lease_seconds": LEASE_SECONDS,
            "permit_seconds": self.permit_seconds,
            "wait_offered": False,
            "api_minor": self.minor,
            "refused_symbols": [],
        }

    def _poll(self, body: wire.Poll) -> dict[str, Any]:
        lease = MomentText.of(self.now() + self.skew + _KEPT_BACK)
        served = [one for one in self.orders if one.is_served]
        listed = [one for one in self.orders if one.is_permitted and not one.is_over]
        self.desired = [one for one in self.desired if not self._is_done(one)]
        return {
            "orders": [one.leased(lease) for one in served],
            "permit": {
                "entries_allowed": self.entries_allowed,
                "seconds": self.permit_seconds,
                "orders": [
                    {"order_id": str(one.id), "fence": one.permit_fence or one.fence}
                    for one in listed
                ],
            },
            "desired": self.desired,
        }

    def _is_done(self, desired: dict[str, Any]) -> bool:
        order = next((one for one in self.orders if str(one.id) == desired["order_id"]), None)
        return desired["command"] == "cancel" and order is not None and order.is_over

    def _reports(self, body: wire.Reports) -> dict[str, Any]:
        told = self.told[body.instance]
        verdicts = [self._take(told, bytes(raw)) for raw in body.reports]
        return {"reports": verdicts, "gaps": told.gaps()}

    def _take(self, told: Told, raw: bytes) -> dict[str, Any]:
        try:
            report, _ = wire.report_read(raw, self.minor)
        except wire.WireError as error:
            self.faults.append(f"a report cannot be read: {error}")
            return _verdict(wire.report_id_guess(raw), "refused", "unreadable")
        if (known := told.raw.get(report.seq)) is not None:
            if known != raw:
                self.faults.append(f"report {report.seq} came with other content")
            return _verdict(report.report_id, "duplicate")
        if self.refuses(report):
            return _verdict(report.report_id, "refused", "not_taken")
        if self.lost_reports:
            self.lost_reports -= 1
            return _verdict(report.report_id, "stored")
        told.raw[report.seq] = raw
        self.reports.append(report)
        for order in self.orders:
            if order.id == report.order_id:
                order.reports.append(report)
                order.is_served = order.is_served and report.fence != order.fence
        return _verdict(report.report_id, "stored")

    def _heartbeat(self, body: wire.Heartbeat) -> dict[str, Any]:
        return {"account": self._account()}

    def _bars(self, body: wire.Bars) -> dict[str, Any]:
        return {"added": len(body.bars), "revised": 0, "known": 0}

    def _wait(self, body: wire.Wait) -> dict[str, Any]:
        return {"look": True}

    def _account(self) -> dict[str, Any]:
        state = "active" if self.entries_allowed else "halted"
        known = {"id": "1", "name": "Scripted", "book": "paper", "state": state}
        return {**known, "margin_mode": self.margin_mode}


def _verdict(report_id: str, verdict: str, reason: str = "") -> dict[str, Any]:
    return {
        "report_id": report_id,
        "verdict": verdict,
        "applied": verdict == "stored",
        "reason": reason,
    }


def _plain(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


__all__ = ["KEY", "LOST", "TELLS_ALL", "Bent", "Call", "Handed", "Server"]
