"""Of smoke: a desk set up by the documented commands, its own executor, and a trade on it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from fusion_project.local.home.folder import Home, json_write
from fusion_project.local.market.rules.alert_text import HAND_STRATEGY
from fusion_project.local.run.processes import Child
from fusion_project.local.run.stack import ROOT
from tests.drills.trial import Trial, TrialFailed

SERVER, LOGIN, PERSON, INSTRUMENT = "Paper-Smoke", "5001", "ops", "EURUSD"
LOTS_MAX = "0.20"
_CONFIRMABLE_SECONDS, _QUOTED_SECONDS = 30.0, 15.0
_TOLD = """
    SELECT count(*) FROM execution_symbolmap m JOIN execution_brokeraccount a ON a.id = m.account_id
    WHERE a.login = %s AND m.instrument = %s AND m.sheet_at IS NOT NULL
"""
_QUOTED = """
    SELECT count(*) FROM execution_quote q
    JOIN execution_symbolmap m ON m.id = q.symbol_map_id
    JOIN execution_brokeraccount a ON a.id = m.account_id
    WHERE a.login = %s AND m.instrument = %s AND a.equity IS NOT NULL
"""


@contextmanager
def desk_set_up(trial: Trial) -> Iterator[str]:
    """From nothing to an account that trades what the demo strategy asks; yields its login."""
    account = ["--book", "paper", "--server", SERVER, "--login", LOGIN, "--currency", "USD"]
    manage(trial, "account_create", "Smoke desk", *account, "--as", PERSON)
    issued = manage(trial, "executor_key", "issue", LOGIN, "--label", "smoke", "--as", PERSON)
    # Below the sentence that it is shown only once.
    key = issued.splitlines()[1]
    manage(trial, "account_limits", LOGIN, f"order_lots_max={LOTS_MAX}", "--as", PERSON)
    bounds = ["open_positions_max=2", "--account", LOGIN, "--as", PERSON]
    manage(trial, "risk_limits", "set", *bounds)
    following = [HAND_STRATEGY, LOGIN, "--lots", "0.10", "--as", PERSON]
    manage(trial, "subscription", "add", *following)
    with _executor(trial, key):
        trial.wait_for(
            "the executor has told its contracts",
            lambda: trial.value(_TOLD, LOGIN, INSTRUMENT),
            _CONFIRMABLE_SECONDS,
        )
        mapped = [INSTRUMENT, INSTRUMENT, "--account", LOGIN, "--as", PERSON, "--yes"]
        shown = manage(trial, "symbol_map", "confirm", *mapped)
        if "contract size" not in shown:
            raise TrialFailed(f"the contract was confirmed without being shown: {shown}")
        trial.wait_for(
            "the executor has told a price",
            lambda: trial.value(_QUOTED, LOGIN, INSTRUMENT),
            _QUOTED_SECONDS,
        )
        yield LOGIN
    prefix = key.partition(".")[0]
    manage(trial, "executor_key", "revoke", prefix, "--as", PERSON)


def manage(trial: Trial, *words: str) -> str:
    """What a command prints, run as a person beside the run does. Raises TrialFailed."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ended = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**kept, "FUSION_HOME": str(trial.home.path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise TrialFailed(f"./manage.py {' '.join(words)}: {ended.stderr[-500:]}{ended.stdout}")
    return ended.stdout


@contextmanager
def _executor(trial: Trial, key: str) -> Iterator[None]:
    """A paper executor of the desk's own, with a broker of its own, in a home beside the run's."""
    home = Home(trial.home.path / "desk")
    home.demo_secrets.parent.mkdir(parents=True)
    account = {"server": SERVER, "login": LOGIN}
    json_write(home.demo_secrets, {"executor_key": key, "account": account})
    command = [sys.executable, "-m", "fusion_project.local.market.paper"]
    command += ["--home", str(home.path), "--base-url", trial.access["base_url"]]
    log = home.path / "executor.log"
    child = Child(command, log_path=log, env=dict(os.environ), cwd=ROOT)
    child.start()
    try:
        yield
    finally:
        child.stop()
