"""Guards of the executor API: what is told, in which order, and by whom."""

from tests.guards.guard import Guard

_TERMINALS = "execution/services/terminals.py"
_SESSIONS = "execution/services/sessions.py"
_NOTICES = "execution/services/notices.py"
_SIGNING = "execution/services/signing.py"
_MINOR_2 = ("tests/contract/execution/test_minor_2.py",)
_DELETED = ("tests/integration/execution/test_deleted_deals.py",)
_SIGNED = ("tests/contract/execution/test_signed_calls.py",)
_PAPER = ("tests/contract/execution/test_paper_tells.py",)

EXECUTOR = (
    Guard(
        "heartbeat: an older one replaces nothing",
        _TERMINALS,
        "if facts.number is None or facts.number <= before.number:",
        "if False:",
        _MINOR_2,
    ),
    Guard(
        "heartbeat: another under the same number is no repeat",
        _TERMINALS,
        "before.number == facts.number and before.content_sha256 == sha256",
        "before.number == facts.number",
        _MINOR_2,
    ),
    Guard(
        "table: heartbeats go up within a run",
        "execution/sql/terminals.sql",
        "(NEW.number > OLD.number) IS NOT TRUE",
        "false",
        ("tests/integration/execution/test_terminals.py",),
        in_database=True,
    ),
    Guard(
        "hello: real money is told from play money",
        _SESSIONS,
        '(facts.trade_mode == "real") != (account.book == "live")',
        "False",
        _MINOR_2,
    ),
    Guard(
        "hello: what a sheet does not say stays",
        "execution/wire/sheets.py",
        "if value is not None",
        "if True",
        _MINOR_2,
    ),
    Guard(
        "deal: a deletion is the last word",
        _NOTICES,
        "if known is not None:\n        return False",
        "if False:\n        return False",
        _DELETED,
    ),
    Guard(
        "deal: a deletion that came first is remembered",
        _NOTICES,
        "if deletion is not None:\n        deal_delete",
        "if False:\n        deal_delete",
        _DELETED,
    ),
    Guard(
        "signed: the signature is compared",
        _SIGNING,
        "if not hmac.compare_digest(expected.encode(), given):",
        "if False:",
        _SIGNED,
    ),
    Guard(
        "signed: the time is near",
        _SIGNING,
        "if abs(told_at - moment) > WINDOW:",
        "if False:",
        _SIGNED,
    ),
    Guard(
        "signed: a nonce serves once",
        "execution/migrations/0012_terminals.py",
        'fields=("key", "nonce")',
        'fields=("key", "nonce", "id")',
        _SIGNED,
        in_database=True,
    ),
    Guard(
        "signed: a key that asks for it gets it",
        "execution/authentication.py",
        "if key.is_signed:",
        "if False:",
        _SIGNED,
    ),
    Guard(
        "key: a call needs its scope",
        "execution/authentication.py",
        "if scope and scope not in caller.scopes:",
        "if False:",
        ("tests/contract/execution/test_every_key.py",),
    ),
    Guard(
        "key: an expired key opens nothing",
        "execution/authentication.py",
        "key.expires_at is None or key.expires_at > moment",
        "True",
        ("tests/contract/execution/test_every_key.py",),
    ),
    Guard(
        "executor: later members go to later servers",
        "execution/paper/telling.py",
        "if minor < TELLS_ALL:",
        "if False:",
        _PAPER,
    ),
    Guard(
        "front: of large bodies only a few are held",
        "fusion_project/front/server.py",
        "elif self._large >= LARGE_AT_ONCE:",
        "elif False:",
        ("tests/e2e/front/test_front.py",),
    ),
    Guard(
        "wait: what rang since the look is not waited for",
        "fusion_project/front/waiting.py",
        "self._rung.get(wait.key, -math.inf) + SLACK_SECONDS > since",
        "False",
        ("tests/unit/front/test_waiting.py",),
    ),
    Guard(
        "wait: where nobody hears nobody is kept",
        "fusion_project/front/waiting.py",
        "for key in list(self._waiters):\n            self.ring(key)",
        "for key in []:\n            self.ring(key)",
        ("tests/unit/front/test_waiting.py",),
    ),
    Guard(
        "wait: of one key only so many",
        "fusion_project/front/waiting.py",
        "len(self._waiters.get(key, ())) < WAITERS_OF_KEY_MAX",
        "True",
        ("tests/unit/front/test_waiting.py",),
    ),
    Guard(
        "wait: refused where nobody hears",
        "execution/api.py",
        "if patience is None or not patience.is_offered:",
        "if patience is None:",
        ("tests/contract/execution/test_wait.py",),
    ),
    Guard(
        "wait: a staged order rings",
        "execution/migrations/sql/0015_look_triggers.sql",
        "WHEN (NEW.state = 'staged')",
        "WHEN (false)",
        ("tests/e2e/front/test_wait.py",),
        in_database=True,
    ),
    Guard(
        "heartbeat: the last month is never forgotten",
        "execution/sql/heartbeats.sql",
        "greatest(p_days, 31)",
        "p_days",
        ("tests/integration/execution/test_telemetry.py",),
        in_database=True,
    ),
)
