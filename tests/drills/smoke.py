"""`make smoke`: the whole system in a temporary home, trades by hand, the time of each hop.

Revenue is distributed as two people want it, and DCT burnt on the loopback chain. The second trade
is also that of a desk which is set up on the way, by the documented commands.

python -m tests.drills.smoke [--keep]
"""

import argparse
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx2

from fusion_project.local.run.ready import http_get
from tests.drills.desk import LOTS_MAX, desk_set_up
from tests.drills.paying import burn_check, burn_on_chain, distribute, hops_of, revenue_earn
from tests.drills.trial import Trial, TrialFailed, curl_run

OPEN_SECONDS, CLOSE_SECONDS, POSTED_SECONDS = 30.0, 30.0, 10.0
_OF_KINDS = {"entry.posted", "deal.recorded", "request.asked", "intent.opened", "chain.changed"}
TOKEN_KINDS = {"token.dai", "token.da", "token.dct_accrual"}

_HOPS = """
    SELECT at, name, detail::json->>'kind' FROM events_event
    WHERE trace_id = %s ORDER BY at, id
"""
_POSITION = """
    SELECT position_ticket, closed_at FROM execution_position WHERE trace_id = %s
"""
_ON_DESK = """
    SELECT p.closed_at, p.volume_closed_lots + p.volume_open_lots,
        (SELECT count(*) FROM treasury_entry e WHERE e.idem_key LIKE
         'tok:' || p.account_id || ':' || p.position_ticket || ':%%')
    FROM execution_position p JOIN execution_brokeraccount a ON a.id = p.account_id
    WHERE p.trace_id = %s AND a.login = %s
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Start everything in a temporary home, trade twice, print each hop, stop."
    )
    parser.add_argument("--keep", action="store_true", help="keep the home and name it")
    options = parser.parse_args()
    trial = Trial(keep=options.keep)
    began = time.monotonic()
    say(f"Starting everything in {trial.home.path} on port {trial.port}")
    try:
        with trial:
            say(f"ready after {time.monotonic() - began:.1f} s")
            revenue_earn(trial)
            trade_once(trial)
            pay_out(trial)
            with desk_set_up(trial) as login:
                say(f"account {login} is set up by the commands")
                trade_on_desk(trial, login)
        trial.check_stopped()
        say("stopped; nothing is left running")
    except TrialFailed as failure:
        print(f"Smoke failed: {failure}", file=sys.stderr)
        return 1
    finally:
        if options.keep:
            say(f"kept: {trial.home.path}")
    say("Smoke passed.")
    return 0


def trade_once(trial: Trial) -> None:
    """Entry, open position, exit, postings, pages. Raises TrialFailed at the first lack."""
    trade_ms = str(int(time.time()) * 1_000)
    trace_id = _post(trial, "entry", trial.access["curl_entry"], trade_ms)
    trial.wait_for("the position is open", lambda: trial.rows(_POSITION, trace_id), OPEN_SECONDS)
    exit_trace_id = _post(trial, "exit", trial.access["curl_exit"], trade_ms)
    trial.wait_for(
        "the position is closed",
        lambda: trial.value(f"{_POSITION} AND closed_at IS NOT NULL", trace_id),
        CLOSE_SECONDS,
    )
    trial.wait_for(
        "DAI, DA and DCT accrual are posted",
        lambda: {kind for _, _, kind in trial.rows(_HOPS, trace_id)} >= TOKEN_KINDS,
        POSTED_SECONDS,
    )
    hops = trial.rows(_HOPS, trace_id)
    say(hop_table(hops))
    seconds = tokens_after_closing_deal_seconds(hops)
    say(f"token postings {seconds:.2f} s after the closing deal")
    if seconds > POSTED_SECONDS:
        raise TrialFailed(f"the token postings came {seconds:.1f} s after the closing deal")
    if exit_trace_id != trace_id:
        raise TrialFailed("the exit did not take its trade's trace id")
    check_pages(trial, trace_id)


def pay_out(trial: Trial) -> None:
    """A distribution and a burn, each as two people want it, hop by hop. Raises TrialFailed."""
    paid = distribute(trial)
    say("the dry run is confirmed by a second person and posted (paper)")
    say(hop_table(hops_of(trial, paid)))
    trace_id, transaction = burn_on_chain(trial)
    say(f"DCT is burnt on the loopback server, no chain, by transaction {transaction}")
    say(hop_table(hops_of(trial, trace_id)))
    with staff_client(trial) as staff:
        burn_check(trial, staff, trace_id, transaction)
    say("life line and ledger show intent, LAGGING, transaction, GREEN")


def trade_on_desk(trial: Trial, login: str) -> None:
    """The same on the desk that was set up: within its limit, posted. Raises TrialFailed."""
    trade_ms = str(int(time.time()) * 1_000)
    trace_id = _post(trial, "entry", trial.access["curl_entry"], trade_ms)
    ((_, lots, _),) = trial.wait_for(
        f"a position is open on account {login}",
        lambda: trial.rows(_ON_DESK, trace_id, login),
        OPEN_SECONDS,
    )
    if not 0 < lots <= Decimal(LOTS_MAX):
        raise TrialFailed(f"account {login} holds {lots} lots, its limit is {LOTS_MAX}")
    _post(trial, "exit", trial.access["curl_exit"], trade_ms)
    trial.wait_for(
        f"it is closed and its tokens are posted on account {login}",
        lambda: [row for row in trial.rows(_ON_DESK, trace_id, login) if row[0] and row[2] >= 3],
        CLOSE_SECONDS + POSTED_SECONDS,
    )
    say(f"account {login} opened and closed {lots} lots, and was posted")


def _post(trial: Trial, what: str, command: str, trade_ms: str) -> str:
    """Run the printed curl command; the accepted alert's trace id."""
    # Both commands share one shell variable where a person pastes them; here the shells differ.
    text = command.replace("T0=$(date +%s)000", f"T0={trade_ms}")
    status, answer = curl_run(f"T0={trade_ms}; {text}")
    if status != 202:
        raise TrialFailed(f"the {what} was answered {status}: {answer}")
    say(f"{what} accepted: {status}, trace {answer['trace_id']}")
    return str(answer["trace_id"])


def hop_table(hops: list[tuple[Any, ...]]) -> str:
    """Time since the alert and since the hop before, one line a hop."""
    lines = [f"{'since alert':>12} {'gap':>8}  event"]
    first: datetime = hops[0][0]
    before = first
    for at, name, kind in hops:
        since, gap = (at - first).total_seconds(), (at - before).total_seconds()
        what = f"{name} ({kind})" if name in _OF_KINDS and kind else name
        lines.append(f"{since:>10.3f} s {gap:>6.3f} s  {what}")
        before = at
    return "\n".join(lines)


def tokens_after_closing_deal_seconds(hops: list[tuple[Any, ...]]) -> float:
    """From the last deal to the last token posting."""
    deal_at = max(at for at, name, _ in hops if name == "deal.recorded")
    posted_at = max(at for at, _, kind in hops if kind in TOKEN_KINDS)
    return float((posted_at - deal_at).total_seconds())


def check_pages(trial: Trial, trace_id: str) -> None:
    """The life line as page and JSON for staff, and the public page for everybody."""
    base = trial.access["base_url"]
    with staff_client(trial) as staff:
        page = staff.get(f"/ops/trace/{trace_id}/")
        lines = staff.get(f"/ops/trace/{trace_id}.json")
    if page.status_code != 200 or "token.dct_accrual" not in page.text:
        raise TrialFailed(f"the life line page answered {page.status_code} without the accrual")
    names = {hop["name"] for hop in lines.json()["hops"]}
    wanted = {
        "alert.received",
        "decision.approved",
        "order.staged",
        "deal.recorded",
        "entry.posted",
        "position.closed",
    }
    if not wanted <= names:
        raise TrialFailed(f"the life line lacks {', '.join(sorted(wanted - names))}")
    status, public = http_get(f"{base}/")
    if status != 200 or "PAPER" not in public.upper():
        raise TrialFailed(f"the public page answered {status} without its paper badge")
    say("life line and public page answer")


@contextmanager
def staff_client(trial: Trial) -> Iterator[httpx2.Client]:
    """Signed in as one of the staff."""
    base = trial.access["base_url"]
    with httpx2.Client(base_url=base, trust_env=False, timeout=10) as staff:
        _log_in(staff, "ops", trial.access["users"]["ops"])
        yield staff


def _log_in(staff: httpx2.Client, name: str, password: str) -> None:
    form = staff.get("/admin/login/")
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
    if found is None:
        raise TrialFailed(f"the login page answered {form.status_code} without a form")
    answer = staff.post(
        "/admin/login/?next=/admin/",
        data={"username": name, "password": password, "csrfmiddlewaretoken": found[1]},
        headers={"Referer": f"{staff.base_url}/admin/login/"},
    )
    if answer.status_code != 302:
        raise TrialFailed(f"the login of {name} was answered {answer.status_code}")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
