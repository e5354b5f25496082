"""The paper executor's process: joins `execution.paper` with the sample market's prices.

It sees no database: it speaks the executor API over HTTP, as the terminal does.
"""

import os
from datetime import datetime

from execution.paper.manners import manners_read
from execution.paper.process import PaperAccount, run
from execution.paper.terms import PaperSymbol, Quote
from fusion_project.local.home.folder import json_read
from fusion_project.local.home.side_process import side_start
from fusion_project.local.market.rules.prices import INSTRUMENTS, Market


def main() -> None:
    home, base_url, stop = side_start("Run the paper executor of a local run.")
    demo = json_read(home.demo_secrets)
    market = Market()

    def quotes(broker_symbol: str, at: datetime) -> Quote | None:
        return market.quote(broker_symbol, at)

    run(
        base_url=base_url,
        key=demo["executor_key"],
        account=PaperAccount(demo["account"]["server"], demo["account"]["login"]),
        home=home.path / "paper",
        quotes=quotes,
        symbols=paper_symbols(),
        stop_event=stop,
        manners=manners_read(os.environ.get("PAPER_MANNERS", "")),
    )


def paper_symbols() -> list[PaperSymbol]:
    """The sample instruments as the simulated broker sells them."""
    return [
        PaperSymbol(symbol=one.name, digits=one.digits, contract_size=one.contract_size)
        for one in INSTRUMENTS.values()
    ]


if __name__ == "__main__":
    main()
