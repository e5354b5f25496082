"""A paper executor of the Expert Advisor's bench, as a process that sees no database.

python -m tests.bench.paper_desk URL KEY SERVER LOGIN FOLDER
"""

import signal
import sys
from datetime import datetime
from pathlib import Path
from threading import Event

from execution.paper.process import PaperAccount, run
from execution.paper.terms import Quote
from fusion_project.local.market.paper import paper_symbols
from fusion_project.local.market.rules.prices import Market


def main(url: str, key: str, server: str, login: str, folder: str) -> None:
    """Run until SIGTERM."""
    stop, market = Event(), Market()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def quotes(symbol: str, at: datetime) -> Quote | None:
        return market.quote(symbol, at)

    run(
        base_url=url,
        key=key,
        account=PaperAccount(server, login),
        home=Path(folder),
        quotes=quotes,
        symbols=paper_symbols(),
        stop_event=stop,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
