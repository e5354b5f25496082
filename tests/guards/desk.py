"""Guards of the linter, the webhook secrets' pages and the symbol maps."""

from tests.guards.guard import Guard

_SECRETS = "signals/services/secrets.py"
_SYMBOLS = "execution/services/symbols.py"
_PUBLIC = "fusion_project/community/views_linter.py"
_OPS = "tests/integration/ops/"
_SECRET_TESTS = (f"{_OPS}test_secrets.py",)
_SYMBOL_TESTS = (f"{_OPS}test_symbols.py",)
_PUBLIC_TESTS = ("tests/integration/community/test_alert_linter.py",)
_ROLE_TESTS = (f"{_OPS}test_roles.py",)

DESK = (
    Guard(
        "linter: a form that is too large is not read",
        _PUBLIC,
        "    if _size(request) > FORM_BYTES_MAX:\n",
        "    if False:\n",
        _PUBLIC_TESTS,
    ),
    Guard(
        "linter: one visitor is slowed down",
        _PUBLIC,
        "    if wait_seconds := _seconds_to_wait(request):\n",
        "    if wait_seconds := 0:\n",
        _PUBLIC_TESTS,
    ),
    Guard(
        "secrets: a form issues once",
        _SECRETS,
        "    if (newest.id if newest else 0) != newest_id:\n",
        "    if False:\n",
        _SECRET_TESTS,
    ),
    Guard(
        "secrets: an earlier end stays",
        "signals/services/strategies.py",
        'live.update(valid_until=Least("valid_until", Value(end)))',
        "live.update(valid_until=end)",
        _SECRET_TESTS,
    ),
    Guard(
        "secrets: an ended one is not rotated",
        "signals/services/strategies.py",
        ".exclude(\n        valid_until__lte=moment\n    )",
        "",
        _SECRET_TESTS,
    ),
    Guard(
        "secrets: pages are for key keepers",
        "fusion_project/ops/views/secrets.py",
        '_MANAGE: Final = "ops.manage_secret"',
        '_MANAGE: Final = "signals.view_strategy"',
        _ROLE_TESTS,
    ),
    Guard(
        "symbols: confirmed only as shown",
        _SYMBOLS,
        "instrument=instrument, broker_symbol=broker_symbol, confirmation=None",
        "confirmation=None",
        _SYMBOL_TESTS,
    ),
    Guard(
        "symbols: the first person's confirmation stays",
        _SYMBOLS,
        "broker_symbol=broker_symbol, confirmation=None\n",
        "broker_symbol=broker_symbol\n",
        _SYMBOL_TESTS,
    ),
    Guard(
        "symbols: a confirmed map stays as confirmed (table)",
        "execution/migrations/sql/0002_tables.sql",
        "FOREIGN KEY (confirmation_id, id, instrument, broker_symbol)\n        REFERENCES"
        " execution_symbolconfirmation (id, symbol_map_id, instrument, broker_symbol)",
        "FOREIGN KEY (confirmation_id)\n        REFERENCES execution_symbolconfirmation (id)",
        _SYMBOL_TESTS,
        in_database=True,
    ),
    Guard(
        "symbols: the buttons need their permission",
        "fusion_project/ops/views/symbols.py",
        '_CONFIRM: Final = ("ops.confirm_symbol", "execution.view_symbolmap")',
        '_CONFIRM: Final = ("execution.view_symbolmap",)',
        _ROLE_TESTS,
    ),
    Guard(
        "linter: what is refused is not shown as staged",
        "templates/ops/alert_linter.html",
        "{% if stopped %}",
        "{% if False %}",
        (f"{_OPS}test_linter.py",),
    ),
    Guard(
        "linter: the entry of an old reversal is not shown as staged",
        "fusion_project/ops/views/linter.py",
        '"entry_stopped": judged.entry_rule or rule_now,',
        '"entry_stopped": rule_now,',
        (f"{_OPS}test_linter.py",),
    ),
    Guard(
        "staff pages: a form's address opened as a link leads to its page",
        "fusion_project/ops/access.py",
        '            if request.method in ("GET", "HEAD"):\n',
        "            if False:\n",
        _ROLE_TESTS,
    ),
    Guard(
        "staff pages: only a form sent by POST acts",
        "fusion_project/ops/access.py",
        "            return require_POST(view)(request, *args, **kwargs)\n",
        "            return view(request, *args, **kwargs)\n",
        _ROLE_TESTS,
    ),
)
