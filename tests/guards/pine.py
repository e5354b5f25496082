"""Guards of the lint's heart, and of the market that scripts play."""

from tests.guards.guard import Guard

_MARKET = "fusion_project/local/market/pine_market.py"
_FLOW = "pine/harness/lint/flow.py"
_MARKET_TESTS = ("tests/integration/local/test_pine_market.py",)
_LINT_TESTS = ("tests/unit/pine",)

PINE = (
    Guard(
        "pine market: history is never told",
        _MARKET,
        "            if one.bar_time > since:\n                progress.tell(one.text)\n",
        "            progress.tell(one.text)\n",
        _MARKET_TESTS,
    ),
    Guard(
        "pine market: what comes later waits for what came before",
        _MARKET,
        "            if status not in (*STORED, *_UNREADABLE):\n                return\n",
        "",
        _MARKET_TESTS,
    ),
    Guard(
        "pine market: a forgotten trade is exited",
        _MARKET,
        "if progress.entry is not None and not _remembers(told, progress.entry):",
        "if False:",
        _MARKET_TESTS,
    ),
    Guard(
        "pine market: what is owed does not wait for the runner",
        _MARKET,
        "            self._deliver(strategy.script, progress)\n            if last",
        "            if last",
        _MARKET_TESTS,
    ),
    Guard(
        "pine runner: a failed script is opened anew",
        "fusion_project/local/market/pine_runner.py",
        "            self._opened.discard(key)\n",
        "",
        _MARKET_TESTS,
    ),
    Guard(
        "pine lint: state of an earlier bar does not confirm this one",
        _FLOW,
        "if not known or name in seen or any(path[-1].is_kept for path in known):",
        "if not known or name in seen:",
        _LINT_TESTS,
    ),
    Guard(
        "pine lint: either side of an `or` must be confirmed",
        _FLOW,
        "return all(self.needs(c, fact, seen)",
        "return any(self.needs(c, fact, seen)",
        _LINT_TESTS,
    ),
)
