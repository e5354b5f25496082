"""What random runs found, each as a plain scenario; `make ea-fuzz` makes more of them."""

from collections.abc import Callable

import pytest

from tests.e2e.ea.bench import WARM_UP, Bench
from tests.e2e.ea.fuzz.journal import CLOSED, journal_read
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def test_an_entry_that_only_closes_what_is_against_it_is_filled_and_over(
    bench_make: Callable[..., Bench],
) -> None:
    """On a netting account its deal is no opening one, and it was looked at for ever."""
    bench = bench_make(account={"margin_mode": "retail_netting"}, desk={"margin_mode": "netting"})
    bench.seconds(WARM_UP)
    short = bench.stage(side="sell", lots="0.10", sl="1.10500")
    bench.until(lambda: bench.state(short) == "filled")
    against = bench.stage(side="buy", lots="0.04", sl="1.09500")
    bench.until(lambda: bench.state(against) == "filled")
    bench.seconds(4)
    assert bench.truth().positions[0]["volume"] == "0.06"
    assert bench.told(against)[-1] == "done"
    assert journal_read(bench.home / "terminal").stages[str(against.id)] == CLOSED
    bench.end()
