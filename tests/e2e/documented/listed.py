"""The list: each documented command is run against a trial installation, or left out by name.

Keys are those of `reading.key_of`. `{login}`, `{secret}`, `{base_url}` stand for the trial's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Run:
    """Run as printed, but for the swaps; `says` stands in what it prints."""

    says: str = ""
    swaps: Mapping[str, str] = field(default_factory=dict)
    # Keys of commands that stand above it and whose text is run first, in the same shell.
    after: tuple[str, ...] = ()
    # Programs, and paths of the repository, without which it is skipped by name.
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """Not run, and why."""

    reason: str


NAME = LeftOut("the name of a command that is run with its arguments elsewhere in this list")
TRIAL = LeftOut("the trial installation that this list runs against is this command")
SUITE = LeftOut("a test command: it would run this list within itself")
MEASURES = LeftOut("measures for minutes and judges nothing")
STARTS_ALONE = LeftOut("starts an installation of its own; make check runs it")
REWRITES = LeftOut("rewrites files of the repository from other sources; its check is a test")
_PLACES = {"YOUR-SECRET": "{secret}", "http://127.0.0.1:8000": "{base_url}"}
_STRATEGY = {"STRATEGY": "ema-cross"}
_BARS = "pine/harness/fixtures/OANDA_EURUSD-15.csv"
_HOOK = "HOOK='http://127.0.0.1:8000/hooks/tradingview/demo/YOUR-SECRET' …"
_PINE = {"YOUR.pine": "pine/df-trend.pine", "BARS.csv": _BARS}
_MQL5 = {"YOUR.mq5": "tests/integration/mql5/programs/Experts/terminal.mq5"}
_NODE = ("node", "pine/harness/node_modules")

# In the order of running: what makes a strategy stands before what changes it.
COMMANDS: dict[str, Run | LeftOut] = {
    # README
    "make run": TRIAL,
    "./manage.py help": Run(says="strategy_create"),
    "./manage.py demo_alert": Run(says="is approved"),
    "./manage.py execution_quality": NAME,
    "./manage.py execution_quality --hours 24": Run(says="filled entries"),
    "./manage.py demo_alert --review": Run(says="is pending_review"),
    _HOOK: Run(says="202 Accepted", swaps=_PLACES),
    "T1=$(date +%s)000 …": Run(says='"verdict":"accepted"', swaps=_PLACES, after=(_HOOK,)),
    "make help": Run(says="Show this list"),
    "make test": SUITE,
    "make test-long": SUITE,
    "make check": SUITE,
    "make smoke": STARTS_ALONE,
    # Alerts and strategies
    "./manage.py strategy_create --help": Run(says="webhook path"),
    "./manage.py strategy_secret --help": Run(says="--issue"),
    "./manage.py strategy_create ema-cross --approval automatic --prior-p 0.55 --prio …": Run(
        says="/hooks/tradingview/"
    ),
    "./manage.py strategy_follow STRATEGY": Run(says="follow", swaps=_STRATEGY),
    "./manage.py strategy_follow ema-cross": Run(says="does not follow"),
    "./manage.py strategy_follow ema-cross --account LOGIN": Run(
        says="follows, 0.1 lots", swaps={"LOGIN": "{login}"}
    ),
    "./manage.py strategy_create": NAME,
    "./manage.py strategy_create STRATEGY": Run(
        says="created", swaps={"STRATEGY": "from-the-reference"}
    ),
    "./manage.py strategy_policy": NAME,
    "./manage.py strategy_policy STRATEGY": Run(says="policy version 1", swaps=_STRATEGY),
    "./manage.py strategy_policy ema-cross": Run(says="policy version"),
    """./manage.py strategy_policy ema-cross --defaults '{"size_unit": "risk_pct"}'""": Run(
        says="risk_pct"
    ),
    "./manage.py strategy_policy ema-cross --dialects traderspost,df.signal/1": Run(
        says="traderspost"
    ),
    "./manage.py strategy_policy --help": Run(says="--stop"),
    "./manage.py strategy_policy ema-cross --stop optional": Run(says="optional"),
    "./manage.py strategy_policy NAME --stop optional": Run(
        says="optional", swaps={"NAME": "ema-cross"}
    ),
    "./manage.py strategy_policy ema-cross --is-active off": Run(says="off"),
    "./manage.py strategy_policy STRATEGY --is-active off": Run(says="off", swaps=_STRATEGY),
    "./manage.py strategy_policy STRATEGY --is-active on": Run(says="on", swaps=_STRATEGY),
    "./manage.py strategy_canary": Run(says="none declared"),
    "./manage.py strategy_canary STRATEGY --every-seconds 60": Run(
        says="every 60 s", swaps=_STRATEGY
    ),
    "./manage.py bars_import pine/harness/fixtures/OANDA_EURUSD-15.csv --name eur": Run(
        says="1500 bars of OANDA:EURUSD"
    ),
    """./manage.py strategy_policy STRATEGY --feeds '{"EURUSD": [{"feed": "csv:eur", "s …""": Run(
        says="csv:eur", swaps=_STRATEGY
    ),
    "./manage.py lobes": LeftOut("it asks until it is stopped; tests run it"),
    "./manage.py bars_import": NAME,
    "./manage.py replay_decisions --since 2026-03-01": Run(says="0 differ"),
    "./manage.py replay_decisions --without-lobe bar_features": Run(says="change"),
    "./manage.py replay_decisions --since TIME": Run(says="0 differ", swaps={"TIME": "2026-03-01"}),
    "./manage.py lint_alert": NAME,
    "printf '60123456789,buylimit,EURUSD,vol_lots=0.1,entry_price=1.08,sl_pips=20' |  …": Run(
        says="accept"
    ),
    """printf '{"symbol": "EURUSD", "action": "buy", "sl_pips": 20, "tp_pips": 40, "pri …""": Run(
        says="accept"
    ),
    "./manage.py lint_alert --file docs/examples/pineconnector.jsonl": Run(says="messages:"),
    "./manage.py lint_alert --file docs/examples/traderspost.jsonl --now 2026-03-02T1 …": Run(
        says="messages:"
    ),
    "./manage.py lint_alert --file docs/examples/traderspost.jsonl --format jsonl": Run(
        says='"verdict"'
    ),
    "./manage.py lint_alert --file docs/examples/traderspost.jsonl --strategy ema-cro …": Run(
        says="messages:"
    ),
    "D=$(mktemp -d) …": Run(says='"best_fixed": "trend"'),
    "./manage.py aggregate": NAME,
    "./manage.py list_refusals": Run(says="account_halted"),
    "./manage.py alerts_reference": Run(),
    # Running it
    "DATABASE_ROLE=owner ./manage.py migrate": Run(says="No migrations to apply"),
    "DATABASE_ROLE=owner ./manage.py setup_roles": Run(says="fusion_app"),
    "./manage.py setup_roles": NAME,
    "./manage.py check_database": Run(says="closed"),
    "./manage.py changepassword --help": Run(says="username"),
    "./manage.py changepassword": NAME,
    "./manage.py changepassword NAME": LeftOut("it asks for the password at a terminal"),
    "./manage.py axes_list_attempts": Run(),
    "./manage.py axes_reset_username NAME": Run(says="attempts", swaps={"NAME": "ops"}),
    "./manage.py axes_reset_ip ADDRESS": Run(says="attempts", swaps={"ADDRESS": "127.0.0.1"}),
    "./manage.py backfill_handlings": Run(says="added"),
    "./manage.py drain": Run(swaps={"drain": "drain --once"}),
    "./manage.py ledger_check": Run(says="ledger ok"),
    "./manage.py export_seal": NAME,
    "./manage.py export_seal -o events.jsonl": Run(
        says="rows of events", swaps={"events.jsonl": "$FUSION_HOME/events.jsonl"}
    ),
    "./manage.py export_seal --book all -o ledger.jsonl": Run(
        says="rows of treasury", swaps={"ledger.jsonl": "$FUSION_HOME/ledger.jsonl"}
    ),
    "python3 docs/verify/verify_events.py events.jsonl": Run(
        says="ok:",
        swaps={"events.jsonl": "$FUSION_HOME/events.jsonl"},
        after=("./manage.py export_seal -o events.jsonl",),
    ),
    "python3 docs/verify/verify_ledger.py ledger.jsonl": Run(
        says="ok:",
        swaps={"ledger.jsonl": "$FUSION_HOME/ledger.jsonl"},
        after=("./manage.py export_seal --book all -o ledger.jsonl",),
    ),
    "./manage.py replay_decisions": Run(says="0 differ"),
    "./manage.py shell": Run(
        says="posted again",
        swaps={
            "shell": "shell -c 'from treasury.services.deals import deals_post_again as again;"
            ' again(); print("posted again")\''
        },
    ),
    # Building it
    "./manage.py executor_schema": Run(),
    "make executor-schema": Run(),
    "./manage.py sql_snapshot": NAME,
    "./manage.py sql_snapshot <app> <noun>": LeftOut(
        "writes a migration; tests/integration/project/test_current_sql.py runs it"
    ),
    "make lint": LeftOut("make check runs it"),
    "make lock": LeftOut("asks the package index for versions and rewrites the pins"),
    "make mutants": MEASURES,
    "make bench-intake": MEASURES,
    "make bench-beside": MEASURES,
    "make bench-queue": LeftOut("measures for minutes; its aims are for a quiet machine"),
    "make bench-fusion": LeftOut("measures for a minute or two; its aims are for a quiet machine"),
    "python -m tests.dumps.make": REWRITES,
    # Pine
    "make run ALERTS=pine": LeftOut(
        "as `make run`, with other alerts; tests/integration/local/test_pine_market.py plays them"
    ),
    "make pine-lint": Run(),
    "python -m pine.harness.lint YOUR.pine": Run(
        swaps={"YOUR.pine": "pine/df-trend.pine"}, needs=("python",)
    ),
    "node pine/harness/run.mjs": NAME,
    "node pine/harness/run.mjs YOUR.pine BARS.csv": Run(
        says='"schema":"df.signal"', swaps=_PINE, needs=_NODE
    ),
    "node pine/harness/run.mjs pine/df-trend.pine BARS.csv --symbol OANDA:EURUSD --tf …": Run(
        says='"schema":"df.signal"', swaps={"BARS.csv": _BARS}, needs=_NODE
    ),
    "make pine-test": SUITE,
    # MQL5
    "python -m mql5.host --help": Run(says="unknown-call", needs=("python",)),
    "python -m mql5.host lint YOUR.mq5": Run(says="0 faults", swaps=_MQL5, needs=("python",)),
    "python -m mql5.host run YOUR.mq5 --seconds 10 --input InpPeriod=500 --allow http …": Run(
        says="beat 20", swaps=_MQL5, needs=("python", "g++")
    ),
    "make pine-golden": REWRITES,
}
