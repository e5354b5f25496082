"""The compiled Expert Advisor's process: builds it, opens its account at the simulated broker, and
becomes it. Like the paper executor it sees no database.
"""

import argparse
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from fusion_project.local.home.folder import Home, json_read
from fusion_project.local.home.side_logs import logs_to_stderr
from fusion_project.local.market.rules.prices import INSTRUMENTS
from mql5.host.broker import Broker, sample_symbol
from mql5.host.build import build_kept, toolchain
from mql5.host.program import HostError, load
from mql5.host.running import Terminal

SOURCE = Path(__file__).resolve().parents[3] / "mql5" / "Experts" / "FusionExecutor.mq5"
DEPOSIT = Decimal(10_000)
# The demo's alerts come in bursts and some without stops: its limits are wide, as the paper
# executor's, which has none.
WIDE = {
    "InpOrderLotsMax": "1000",
    "InpOpenLotsMax": "10000",
    "InpPositionsMax": "5000",
    "InpEntriesADayMax": "1000000",
    "InpDailyLossPercent": "90",
    "InpEquityStopPercent": "95",
    "InpMarginLevelMin": "1",
    "InpSpreadPointsMax": "1000000",
    "InpDeviationPointsMax": "1000000",
    "InpNeedsStop": "false",
}


def ea_missing() -> str:
    """Return what keeps it from running on this machine, as one sentence, or nothing."""
    try:
        toolchain()
    except HostError as lack:
        return f"EXECUTOR=ea cannot run here. {lack}"
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the Expert Advisor of a local run.")
    parser.add_argument("--home", type=Path, required=True, help="the run's FUSION_HOME")
    parser.add_argument("--base-url", required=True, help="where the web server is")
    options = parser.parse_args()
    logs_to_stderr()
    home, base_url = Home(options.home), str(options.base_url)
    demo = json_read(home.demo_secrets)
    folder = home.path / "ea"
    binary = build_kept(load(SOURCE), toolchain())
    broker = broker_open(folder / "broker", demo["account"])
    terminal = Terminal(
        folder / "terminal",
        clock="real",
        allowed=[base_url],
        inputs={
            "InpServerUrl": base_url,
            "InpKey": demo["executor_key"],
            "InpLogin": demo["account"]["login"],
            "InpServer": demo["account"]["server"],
            **WIDE,
        },
        broker=broker.folder,
    )
    # The program takes this process's place, so that a stop reaches it and nothing stays behind.
    os.execv(binary, [str(binary), *terminal.words()])


def broker_open(folder: Path, account: dict[str, str]) -> Broker:
    """The account at the simulated broker; one that is open already keeps its books."""
    broker = Broker(folder)
    if not broker.book.exists():
        broker.open(
            [sample_symbol(one) for one in INSTRUMENTS.values()],
            login=int(account["login"]),
            server=account["server"],
            commission=Decimal(3),
        )
        before = datetime.now(UTC) - timedelta(seconds=5)
        broker.say("balance", at=round(before.timestamp() * 1000), amount=DEPOSIT)
    return broker


if __name__ == "__main__":
    main()
