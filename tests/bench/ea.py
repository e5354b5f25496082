"""`make bench-ea`: how soon an alert is a deal, by the Expert Advisor beside the paper executor.

    python -m tests.bench.ea [--alerts 40] [--accounts 1,20]

A whole `make run` of its own; each account has a terminal of its own, a process that runs the
compiled Expert Advisor by the machine's clock against its simulated broker. Alerts go to the
webhook, and from their sending to the deal's own time (DEAL_TIME_MSC) is measured, of both kinds of
executors on the same alerts. Prints one JSON object a figure, the summary last.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from fusion_project.local.home.site_env import site_env_find
from fusion_project.local.market.ea import SOURCE, WIDE, broker_open, ea_missing
from fusion_project.local.market.rules.alert_text import entry_message, message_text
from fusion_project.local.market.rules.prices import BAR_SECONDS, INSTRUMENTS, Market
from fusion_project.local.run.stack import ROOT
from mql5.host.build import build, toolchain
from mql5.host.program import load
from mql5.host.running import Terminal
from tests.bench.figures import Figures
from tests.drills.trial import Trial

# Their lots by a stop 2 % away are above the smallest on an account of 10 000.
TRADED: Final = ("EURUSD", "GBPUSD", "BTCUSD")
PAUSE_SECONDS, LATE_SECONDS, READY_SECONDS = 1.0, 20.0, 60.0
_HEARD = "SELECT count(*) FROM execution_brokeraccount WHERE login = ANY(%s) AND heartbeat_at > %s"
_DEALS = """
    SELECT o.trace_id, a.login, min(d.time_msc)
    FROM execution_deal d
        JOIN execution_order o ON o.id = d.magic
        JOIN execution_brokeraccount a ON a.id = o.account_id AND a.id = d.account_id
    WHERE o.trace_id = ANY(%s) AND d.entry = 'in' GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Crew:
    """A strategy, and who follows it: accounts of the Expert Advisor, and one paper account."""

    slug: str
    secret: str
    server: str
    accounts: list[tuple[str, str]]

    @property
    def logins(self) -> list[str]:
        return [login for login, _ in self.accounts]


def bench_ea(alerts: int, crews: list[int]) -> int:
    """The Expert Advisor that polls and that waits, on so many accounts; the exit status."""
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="fusion-bench-ea-") as made:
        folder = Path(made)
        binary = build(load(SOURCE), folder / "program", toolchain())
        with Trial(env={"SAMPLE_MARKET": "off"}) as trial:
            for accounts in crews:
                for waits in (False, True):
                    name = f"{accounts}_{'waiting' if waits else 'polling'}"
                    crew = _crew(trial, accounts)
                    with _at_work(trial, crew, folder / name, binary, waits=waits):
                        _say(figures, trial, crew, name, _send(trial, crew, alerts))
    return figures.end("bench_ea")


def _crew(trial: Trial, accounts: int) -> Crew:
    outside = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    env = site_env_find({**outside, "FUSION_HOME": str(trial.home.path)}, trial.home.path)
    words = [sys.executable, "-m", "tests.bench.ea_desks", str(accounts)]
    ended = subprocess.run(words, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, check=True)
    told = json.loads(ended.stdout)
    return Crew(told["slug"], told["secret"], told["server"], [tuple(o) for o in told["accounts"]])


@contextmanager
def _at_work(
    trial: Trial, crew: Crew, folder: Path, binary: Path, *, waits: bool
) -> Iterator[None]:
    """All executors of the crew run; it begins once each was heard."""
    url, began = trial.access["base_url"], datetime.now(UTC)
    with ExitStack() as stack:
        for login, key in crew.accounts[:-1]:
            words = _terminal(url, crew.server, login, key, folder / login, waits=waits).words()
            stack.enter_context(_process([str(binary), *words], folder / f"{login}.log"))
        login, key = crew.accounts[-1]
        paper = [url, key, crew.server, login, str(folder / login)]
        words = [sys.executable, "-m", "tests.bench.paper_desk", *paper]
        stack.enter_context(_process(words, folder / f"{login}.log"))
        trial.wait_for(
            "each executor was heard",
            lambda: trial.value(_HEARD, crew.logins, began) == len(crew.logins),
            READY_SECONDS,
        )
        # The account's money is understood only when its history has been still for a while.
        time.sleep(10)
        yield


def _terminal(url: str, server: str, login: str, key: str, home: Path, *, waits: bool) -> Terminal:
    home.mkdir(parents=True)
    broker = broker_open(home / "broker", {"login": login, "server": server})
    inputs = {
        "InpServerUrl": url,
        "InpKey": key,
        "InpLogin": login,
        "InpServer": server,
        "InpWait": str(waits).lower(),
        **WIDE,
    }
    return Terminal(home / "terminal", "real", allowed=[url], inputs=inputs, broker=broker.folder)


@contextmanager
def _process(words: list[str], log: Path) -> Iterator[None]:
    with log.open("w") as out:
        child = subprocess.Popen(words, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _send(trial: Trial, crew: Crew, alerts: int) -> dict[str, float]:
    """Alerts one by one; when each was sent, by its trace."""
    sent: dict[str, float] = {}
    hook = f"{trial.access['base_url']}/hooks/tradingview/{crew.slug}/{crew.secret}"
    for number in range(alerts):
        began = time.time()
        request = urllib.request.Request(hook, _alert(crew.slug, number).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            sent[json.loads(answer.read())["trace_id"]] = began
        time.sleep(max(0.0, began + PAUSE_SECONDS - time.time()))
    return sent


def _alert(slug: str, number: int) -> str:
    """No two alike on one bar: instruments and sides take turns."""
    name, side = TRADED[number % len(TRADED)], ("buy", "sell")[number // len(TRADED) % 2]
    moment = datetime.now(UTC)
    quote = Market().quote(name, moment)
    assert quote is not None
    message = entry_message(
        script=slug,
        instrument=INSTRUMENTS[name],
        bar_open_at=moment - timedelta(seconds=moment.timestamp() % BAR_SECONDS + BAR_SECONDS),
        sent_at=moment,
        side=side,
        price=quote.ask if side == "buy" else quote.bid,
        stop_share=Decimal("0.02"),
        payoff=Decimal(2),
    )
    return message_text(message)


def _say(figures: Figures, trial: Trial, crew: Crew, name: str, sent: dict[str, float]) -> None:
    wanted = len(sent) * len(crew.logins)
    end = time.monotonic() + LATE_SECONDS
    while True:
        rows = trial.rows(
            _DEALS,
            list(sent),
        )
        if len(rows) >= wanted or time.monotonic() > end:
            break
        time.sleep(0.5)
    paper = crew.logins[-1]
    took = {
        kind: sorted(
            at - sent[trace] * 1000 for trace, login, at in rows if (login == paper) == is_paper
        )
        for kind, is_paper in (("ea", False), ("paper", True))
    }
    figures.say(f"{name}_deals", len(rows), reference=wanted, aim=1.0)
    for share in (0.5, 0.99):
        ea, beside = (_at(took[kind], share) for kind in ("ea", "paper"))
        figures.say(f"{name}_alert_to_deal_p{share * 100:.0f}_ms", ea, reference=beside)


def _at(sorted_ms: list[float], share: float) -> float:
    if not sorted_ms:
        return 0.0
    return round(sorted_ms[min(len(sorted_ms) - 1, int(share * len(sorted_ms)))], 1)


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=40, help="of each crew")
    parser.add_argument("--accounts", default="1,20", help="how many of the Expert Advisor")
    options = parser.parse_args()
    if missing := ea_missing():
        print(missing, file=sys.stderr)
        return 2
    return bench_ea(options.alerts, [int(one) for one in options.accounts.split(",")])


if __name__ == "__main__":
    sys.exit(main())
