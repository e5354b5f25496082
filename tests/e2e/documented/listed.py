"""The list: each documented command is run against a trial installation, or left out by name.

Keys are those of `reading.key_of`. `{login}`, `{secret}`, `{base_url}` stand for the trial's own.
"""

from tests.e2e.documented.chains import CHAINS
from tests.e2e.documented.kinds import NAME, LeftOut, Run
from tests.e2e.documented.paying import PAYING

TRIAL = LeftOut("the trial installation that this list runs against is this command")
SUITE = LeftOut("a test command: it would run this list within itself")
MEASURES = LeftOut("measures for minutes and judges nothing")
STARTS_ALONE = LeftOut("starts an installation of its own; make check runs it")
REWRITES = LeftOut("rewrites files of the repository from other sources; its check is a test")
DEAL_RELEASE = """./manage.py deal_release TICKET --account LOGIN --at TIME --note "…" --as USER"""
OF_LIVE = LeftOut("it is about a live account; tests/integration/execution/test_twins.py runs it")
OF_BROKER = LeftOut("it is about a broker's own papers; tests/integration/treasury runs it")
UNRESOLVED = LeftOut("no trial makes what it is about; tests/contract/execution runs it")
_PLACES = {"YOUR-SECRET": "{secret}", "http://127.0.0.1:8000": "{base_url}"}
_STRATEGY = {"STRATEGY": "ema-cross"}
_USER = {"USER": "ops"}
_NEWEST_REQUEST = "$(./manage.py second_person list | head -1 | cut -f1)"
_NEWEST_KEY = "$(./manage.py executor_key list | tail -1 | cut -f1)"
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
    "./manage.py execution_quality --hours 24": Run(says="heartbeats, longest pause"),
    "./manage.py demo_alert --review": Run(says="is pending_review"),
    _HOOK: Run(says="202 Accepted", swaps=_PLACES),
    "T1=$(date +%s)000 …": Run(says='"verdict":"accepted"', swaps=_PLACES, after=(_HOOK,)),
    "make help": Run(says="Show this list"),
    "make test": SUITE,
    "make test-long": SUITE,
    "make check": SUITE,
    "make smoke": STARTS_ALONE,
    # Alerts and strategies
    "./manage.py strategy_create --help": Run(says="webhook address"),
    "./manage.py strategy_secret --help": Run(says="--issue"),
    "./manage.py strategy_create ema-cross --approval automatic --prior-p 0.55 --prio …": Run(
        says="/hooks/tradingview/"
    ),
    "./manage.py subscription list|add|remove": NAME,
    "./manage.py subscription add": NAME,
    "./manage.py subscription list ema-cross": Run(says="does not follow"),
    "./manage.py subscription add ema-cross LOGIN --as USER": Run(
        says="follows, 0.1 lots", swaps={"LOGIN": "{login}", **_USER}
    ),
    "./manage.py symbol_map list": Run(says="EURUSD = EURUSD\tconfirmed"),
    "./manage.py symbol_map propose EURUSD EURUSDm --account LOGIN --as USER": Run(
        says="is proposed",
        swaps={"EURUSD EURUSDm": "AMD AMDm", "LOGIN": "{login}", "USER": "ops"},
    ),
    "./manage.py symbol_map confirm EURUSD EURUSDm --account LOGIN --as USER": LeftOut(
        "it asks at a terminal; tests/integration/ops/test_symbol_map.py runs it"
    ),
    "./manage.py symbol_map withdraw EURUSD EURUSDm --account LOGIN --as USER": LeftOut(
        "the commands after it trade; tests/integration/ops/test_symbol_map.py runs it"
    ),
    "./manage.py symbol_map propose": NAME,
    "./manage.py symbol_map confirm": NAME,
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
    "./manage.py strategy_format": NAME,
    "./manage.py strategy_format ema-cross": Run(says="nothing is settled"),
    """./manage.py strategy_format ema-cross --harmless rsidiv,zone --why "plots" --as  …""": Run(
        says="rsidiv", swaps=_USER
    ),
    """./manage.py strategy_format ema-cross --means pieces=qty --why "shares in our sc …""": Run(
        says="means qty", swaps=_USER
    ),
    "./manage.py strategy_format ema-cross --forget zone --as USER": Run(
        says="rsidiv", swaps=_USER
    ),
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
    "./manage.py strategy_policy STRATEGY --gates standard": Run(
        says="account_health", swaps=_STRATEGY
    ),
    """./manage.py strategy_policy STRATEGY --gates '{"drawdown": {"full": 500, "closed …""": Run(
        says="Europe/London", swaps=_STRATEGY
    ),
    "F=$(mktemp -d)/week.csv …": Run(says="1 added"),
    "./manage.py news_import": NAME,
    "./manage.py backtest --policy STRATEGY --out DIR --bars pine/harness/fixtures/OA …": Run(
        says="Digest", swaps={"STRATEGY": "ema-cross", "DIR": "$(mktemp -d)"}
    ),
    "./manage.py backtest --bars pine/harness/fixtures/OANDA_EURUSD-15.csv --alerts p …": Run(
        says="Digest"
    ),
    "./manage.py backtest": NAME,
    "./manage.py lobes": LeftOut("it asks until it is stopped; tests run it"),
    "./manage.py lobes --status": Run(says="asleep: no_key"),
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
    "./manage.py list_refusals": Run(says="account_stopped"),
    "./manage.py risk_limits list": Run(says="leverage_max=100"),
    "./manage.py risk_limits --help": Run(says="daily_loss_pct_max"),
    "./manage.py risk_limits": NAME,
    "./manage.py account_limits LOGIN": Run(swaps={"LOGIN": "{login}"}),
    """./manage.py account_limits LOGIN leverage_max=20 daily_loss_pct_max=3 --as USER  …""": Run(
        says="2 of 2 changed", swaps={"LOGIN": "{login}", "USER": "ops", "=20": "=90", "=3": "=24"}
    ),
    "./manage.py risk_limits set open_positions_max=2 --strategy STRATEGY --as USER": Run(
        says="1 of 1 changed", swaps={"STRATEGY": "demo", "USER": "ops"}
    ),
    "./manage.py executor_claims": NAME,
    "./manage.py executor_claims list": Run(),
    """./manage.py executor_claims confirm --account LOGIN --symbol EURUSD --shown "WOR …""": (
        LeftOut("nothing is doubted in the trial installation; its test makes a doubt")
    ),
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
    # What a person says of orders and deals
    "./manage.py order_resolve": Run(says="No order is unknown."),
    """./manage.py order_resolve ORDER --outcome cancelled --note "…" --as USER""": UNRESOLVED,
    "./manage.py deal_release": Run(says="No deal is held."),
    DEAL_RELEASE: UNRESOLVED,
    "./manage.py broker_clock": Run(says="not known"),
    "./manage.py export_seal": NAME,
    "./manage.py export_seal -o events.jsonl": Run(
        says="rows of events", swaps={"events.jsonl": "$FUSION_HOME/events.jsonl"}
    ),
    "./manage.py export_seal --book all -o ledger.jsonl": Run(
        says="rows of treasury", swaps={"ledger.jsonl": "$FUSION_HOME/ledger.jsonl"}
    ),
    "./manage.py export_seal --proof 1 -o event.jsonl": Run(
        says="1 rows of events", swaps={"event.jsonl": "$FUSION_HOME/event.jsonl"}
    ),
    "python3 docs/verify/verify_events.py event.jsonl": Run(
        says="ok: event 1 is as it was sealed",
        swaps={"event.jsonl": "$FUSION_HOME/event.jsonl"},
        after=("./manage.py export_seal --proof 1 -o event.jsonl",),
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
    "./manage.py deals_post_again --as USER": Run(says="posted again", swaps=_USER),
    './manage.py entry_reverse ENTRY --reason "booked twice" --as USER': Run(
        says="waits for a second person", swaps={"ENTRY": "1", **_USER}
    ),
    "./manage.py import_statement STATEMENT.csv --account NAME --as USER": OF_BROKER,
    "./manage.py import_statement": NAME,
    "./manage.py transit_clear --account NAME": OF_BROKER,
    './manage.py transit_clear --account NAME --amount 5000 --reason "bank statement  …': OF_BROKER,
    "./manage.py deals_post_again": NAME,
    "./manage.py export_ledger": NAME,
    "make ledger-check": STARTS_ALONE,
    "make sim-ledger OPS=100000 SEED=1": LeftOut(
        "runs for minutes; tests/integration/tokens/test_sim_ledger.py makes a short run"
    ),
    "make bench-ledger": LeftOut("measures for minutes; its aims are for a quiet machine"),
    "./manage.py shell": LeftOut("it waits for what is typed; tests/contract/execution calls it"),
    "./manage.py export_ledger --format beancount --book paper -o paper.beancount": Run(
        says="entries of the paper book",
        swaps={"paper.beancount": "$FUSION_HOME/paper.beancount"},
    ),
    "./manage.py export_ledger --format hledger --book paper -o paper.journal": Run(
        says="entries of the paper book", swaps={"paper.journal": "$FUSION_HOME/paper.journal"}
    ),
    "./manage.py export_ledger --format csv --book paper -o paper.csv": Run(
        says="entries of the paper book", swaps={"paper.csv": "$FUSION_HOME/paper.csv"}
    ),
    "./manage.py ledger_report --book paper": Run(says="Trades closed in the month"),
    "./manage.py ledger_report --book paper --month 2026-11 --format json": Run(
        says='"traded":', swaps={"2026-11": "$(date -u +%Y-%m)"}
    ),
    "./manage.py ledger_report": NAME,
    **PAYING,
    "./manage.py token_rule list": Run(says="DCT"),
    "./manage.py token_rule ask DCT burn_bps=2000 reward_bps=3000 retained_bps=5000 - …": Run(
        says="waits for a second person", swaps=_USER
    ),
    **CHAINS,
    # The desk
    "./manage.py switch": NAME,
    "./manage.py switch --help": Run(says="halted"),
    "./manage.py switch list": Run(says="No switch was ever turned"),
    './manage.py switch set all halted --reason "quotes look wrong" --as USER': Run(
        says="Everything is HALTED", swaps=_USER
    ),
    './manage.py switch set strategy:ema-cross reducing --reason "new version tonight …': Run(
        says="Strategy ema-cross is REDUCING", swaps=_USER
    ),
    "./manage.py switch set account:LOGIN active --reason WHY --as USER": Run(
        says="is active already", swaps={"LOGIN": "{login}", **_USER}
    ),
    './manage.py switch set all active --reason "quotes are right again" --as USER': Run(
        says="waits for a second person", swaps=_USER
    ),
    "./manage.py second_person": NAME,
    "./manage.py second_person list": Run(says="Set everything from HALTED to ACTIVE"),
    "./manage.py second_person confirm NUMBER --as USER": Run(
        says="is confirmed", swaps={"NUMBER": _NEWEST_REQUEST, "USER": "reviewer"}
    ),
    "./manage.py position_close": NAME,
    "./manage.py position_close LOGIN": Run(swaps={"LOGIN": "{login}"}),
    './manage.py position_close LOGIN TICKET --reason "wrong chart" --as USER': LeftOut(
        "needs a position that is open; tests/integration/execution/test_closing.py closes one"
    ),
    './manage.py flatten LOGIN --reason "going home" --as USER': Run(
        says="Asked: close", swaps={"LOGIN": "{login}", **_USER}
    ),
    './manage.py flatten all --reason "broker is closing" --as USER': Run(
        says="Asked: close", swaps=_USER
    ),
    "./manage.py account_create": NAME,
    './manage.py account_create "Desk 1" --book paper --server Demo-Server --login 50 …': Run(
        says="is made", swaps=_USER
    ),
    "./manage.py executor_key issue 5001 --label terminal-1 --as USER": Run(
        says="shown only once", swaps=_USER
    ),
    "./manage.py subscription add ema-cross 5001 --lots 0.10 --as USER": Run(
        says="follows, 0.1 lots", swaps=_USER
    ),
    "./manage.py twin": NAME,
    "./manage.py paper_executor": NAME,
    "./manage.py twin_report": NAME,
    "./manage.py twin begin 9001 --of 5001 --as USER": OF_LIVE,
    "./manage.py paper_executor 9001 --key-file twin.key --home twin --base-url https …": OF_LIVE,
    "./manage.py twin_report --days 30": OF_LIVE,
    "./manage.py twin end 9001 --as USER": OF_LIVE,
    "./manage.py executor_key list": Run(says="terminal-1"),
    "./manage.py executor_key rotate PREFIX --overlap-hours 24 --as USER": Run(
        says="shown only once", swaps={"PREFIX": _NEWEST_KEY, **_USER}
    ),
    "./manage.py executor_key revoke PREFIX --as USER": Run(
        says="is revoked", swaps={"PREFIX": _NEWEST_KEY, **_USER}
    ),
    "./manage.py executor_key collect NUMBER --as USER": LeftOut(
        "needs a live account; tests/integration/execution/test_account_setup.py collects one"
    ),
    './manage.py second_person withdraw NUMBER --reason "not now" --as USER': Run(
        says="is withdrawn",
        swaps={"NUMBER": _NEWEST_REQUEST, **_USER},
        after=(
            './manage.py switch set all halted --reason "quotes look wrong" --as USER',
            './manage.py switch set all active --reason "quotes are right again" --as USER',
        ),
    ),
    "./manage.py setup_groups": Run(says="reviewer"),
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
    "make ea-test": SUITE,
    "make ea-fuzz": LeftOut("runs for minutes; tests/e2e/ea/test_fuzz.py makes five of its runs"),
    "make ea-fuzz SEED=7": LeftOut("builds and runs for a minute; test_fuzz.py repeats a seed"),
    "make bench-ea": LeftOut("measures for minutes; its figures are for a quiet machine"),
    "make run LOBES=llm": LeftOut(
        "as `make run`, with a model; tests/e2e/local/test_run_with_models.py asks it"
    ),
    "make run EXECUTOR=ea": LeftOut(
        "as `make run`, with another executor; make smoke EXECUTOR=ea and tests/e2e/ea trade by it"
    ),
    "make smoke EXECUTOR=ea": STARTS_ALONE,
}
