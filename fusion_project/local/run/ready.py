"""Waits until a run answers everywhere, and says so: addresses, credentials, paste-ready alerts."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg

from fusion_project.local.home.folder import json_read, json_write
from fusion_project.local.home.options import RunRefused
from fusion_project.local.market.rules.alert_text import HAND_INSTRUMENT, HAND_STRATEGY, curl_pair
from fusion_project.local.market.rules.prices import Market
from fusion_project.local.run.stack import CONNECTIONS_USED, Stack, last_words

READY_SECONDS = 120.0
_WORD_EVERY_SECONDS = 5.0
_CRASHES_MAX = 3


def ready_wait(stack: Stack, say: Callable[[str], None]) -> None:
    """Return once /readyz is 200 and the executor's hello is in. Raises RunRefused."""
    began = said = time.monotonic()
    began_at = datetime.now(UTC)
    while True:
        stack.watch()
        missing = _missing(stack, began_at)
        if not missing:
            return
        _refuse_hopeless(stack)
        waited = time.monotonic() - began
        if waited > READY_SECONDS:
            raise RunRefused(f"Not ready after {waited:.0f} s: {missing}. See {stack.home.logs}.")
        if time.monotonic() - said > _WORD_EVERY_SECONDS:
            said = time.monotonic()
            say(f"waiting: {missing}")
        time.sleep(0.1)


def _missing(stack: Stack, since: datetime) -> str:
    """What is still awaited, in words; empty when nothing."""
    status, answer = http_get(f"{stack.options.base_url}/readyz")
    if status == 0:
        return "the web server does not answer yet"
    if status != 200:
        return f"the web server says not ready: {_bad_parts(answer)}"
    return "" if _executor_has_said_hello(stack, since) else "the executor's hello"


def _executor_has_said_hello(stack: Stack, since: datetime) -> bool:
    with psycopg.connect(stack.database_url, connect_timeout=5) as connection:
        found = connection.execute(
            "SELECT 1 FROM execution_brokeraccount WHERE last_seen_at > %s", [since]
        )
        return found.fetchone() is not None


def _refuse_hopeless(stack: Stack) -> None:
    for name in stack.supervisor.names:
        if stack.supervisor.crash_count(name) >= _CRASHES_MAX:
            log = stack.home.logs / f"{name}.log"
            raise RunRefused(f"{name} does not start: {last_words(log)} (see {log})")


def _bad_parts(answer: str) -> str:
    try:
        parts = json.loads(answer)["parts"]
    except (ValueError, KeyError, TypeError):
        return answer[:200]
    return ", ".join(f"{name} {one['note']}" for name, one in parts.items() if not one["ok"])


def http_get(url: str, seconds: float = 3.0) -> tuple[int, str]:
    """Status and body; status 0 where nothing answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=seconds) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (OSError, ValueError):
        return 0, ""


def access_write(stack: Stack) -> dict[str, Any]:
    """Write everything a person or a test needs to use this run; returns it."""
    demo = json_read(stack.home.demo_secrets)
    hook = f"/hooks/tradingview/{HAND_STRATEGY}/{demo['strategies'][HAND_STRATEGY]}"
    quote = Market().quote(HAND_INSTRUMENT, datetime.now(UTC))
    assert quote is not None
    entry, leaving = curl_pair(
        base_url=stack.options.base_url,
        hook_path=hook,
        script=HAND_STRATEGY,
        instrument=HAND_INSTRUMENT,
        price=quote.ask,
    )
    access = {
        "base_url": stack.options.base_url,
        "users": demo["users"],
        "hooks": {
            slug: f"{stack.options.base_url}/hooks/tradingview/{slug}/{secret}"
            for slug, secret in demo["strategies"].items()
        },
        "curl_entry": entry,
        "curl_exit": leaving,
        "database_url": stack.database_url,
    }
    json_write(stack.home.access, access)
    return access


def _market_words(stack: Stack) -> str:
    if not stack.options.sample_market:
        return "off: waiting for real alerts"
    return "played by the Pine scripts" if stack.options.alerts == "pine" else "on"


def _login_words(stack: Stack, access: dict[str, Any]) -> str:
    """Passwords on the first start alone: whatever is printed ends in logs."""
    users = sorted(access["users"].items())
    if stack.has_new_logins:
        lines = "\n".join(f"  {name:<9} {password}" for name, password in users)
        return f"Staff logins, shown this once (kept in {stack.home.demo_secrets})\n{lines}"
    names = ", ".join(name for name, _ in users)
    return (
        f"Staff logins  {names}: as on the first start, kept in {stack.home.demo_secrets};\n"
        "              another password: manage.py changepassword NAME"
    )


def ready_text(stack: Stack, access: dict[str, Any]) -> str:
    """The words printed once everything answers."""
    base = stack.options.base_url
    market = _market_words(stack)
    return f"""
Ready. Ctrl-C stops everything.

  Public page   {base}/
  Staff pages   {base}/admin/
  Life lines    {base}/ops/traces/
  Logs          {stack.home.logs}
  Database      {CONNECTIONS_USED} connections at most
  Sample market {market}

{_login_words(stack, access)}

Send an entry by hand:
{access["curl_entry"]}

Once the position is open, its exit (same shell):
{access["curl_exit"]}
"""
