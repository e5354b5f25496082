"""The paper executor's process: joins `execution.paper` with the sample market's prices.

It sees no database: it speaks the executor API over HTTP, as the terminal does.
"""

import argparse
import signal
import threading
from datetime import datetime
from pathlib import Path

from execution.paper.executor import run
from execution.paper.terms import PaperSymbol, Quote
from fusion_project.local.home import Home, json_read
from fusion_project.local.market import INSTRUMENTS, Market
from fusion_project.local.side_logs import logs_to_stderr


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the paper executor of a local run.")
    parser.add_argument("--home", type=Path, required=True, help="the run's FUSION_HOME")
    parser.add_argument("--base-url", required=True, help="where the executor API is")
    options = parser.parse_args()
    logs_to_stderr()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    demo = json_read(Home(options.home).demo_secrets)
    market = Market()

    def quotes(broker_symbol: str, at: datetime) -> Quote | None:
        return market.quote(broker_symbol, at)

    run(
        base_url=options.base_url, key=demo["executor_key"], server=demo["account"]["server"],
        login=demo["account"]["login"], home=options.home / "paper", quotes=quotes,
        symbols=paper_symbols(), stop_event=stop,
    )  # fmt: skip


def paper_symbols() -> list[PaperSymbol]:
    """The sample instruments as the simulated broker sells them."""
    return [
        PaperSymbol(symbol=one.name, digits=one.digits, contract_size=one.contract_size)
        for one in INSTRUMENTS.values()
    ]


if __name__ == "__main__":
    main()
