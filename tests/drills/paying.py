"""Of smoke: revenue is split as two people want it, and DCT is burnt on the loopback chain.

All of it by the documented commands, on the paper book, whose chain is none and says so.
"""

import re
import time
from typing import Any

import httpx2

from tests.drills.desk import manage
from tests.drills.trial import Trial, TrialFailed

ASKS, CONFIRMS = "ops", "reviewer"
STREAM, AMOUNT, BURNT = "Smoke", "100", "20"
SHARE = "Liabilities:Pool:Subscription:Burn:USD\t−20 USD"
_BOOK = ("--book", "paper")
_CARRIED_OUT_SECONDS, _SEALED_SECONDS, _GREEN_SECONDS = 30.0, 120.0, 90.0
_TRIES = 5

_REQUEST = "SELECT state, outcome, trace_id FROM second_person_request WHERE id = %s"
_SEALED = """
    SELECT count(*) FROM events_sealleaf l JOIN treasury_entry e ON e.id = l.row_id
    WHERE l.log = 'treasury' AND e.kind = 'revenue.record'
"""
_STATE = "SELECT state FROM tokens_chainbinding WHERE book = 'paper'"
_INTENT = """
    SELECT i.id, i.state, t.sha256, i.trace_id FROM tokens_chainintent i
        JOIN second_person_request r ON r.id = i.request_id
        LEFT JOIN tokens_chaintransaction t ON t.id = i.transaction_id
    WHERE r.id = %s
"""
# What belongs to a trace, also where it happened on another, such as the chain's own.
_HOPS = """
    SELECT at, name, coalesce(detail::json ->> 'to', detail::json ->> 'kind') FROM events_event
    WHERE trace_id = %s OR id IN (SELECT event_id FROM events_eventlink WHERE trace_id = %s)
    ORDER BY at, id
"""
BURN_HOPS = [
    ("request.asked", "chain.intent"),
    ("request.confirmed", "chain.intent"),
    ("intent.opened", "burn"),
    ("chain.changed", "lagging"),
    ("intent.matched", "burn"),
    ("entry.posted", "token.burn"),
    ("intent.ended", "burn"),
    ("chain.changed", "green"),
]


def revenue_earn(trial: Trial) -> None:
    """A stream under a policy of its own brings something; sealed a while later."""
    manage(trial, "revenue", "open", STREAM, *_BOOK, "--currency", "USD", "--as", ASKS)
    binding = ["subscription", *_BOOK, "--source", STREAM, "--reason", "smoke"]
    agreed(trial, "policy", "bind", *binding)
    payment = [STREAM, *_BOOK, "--amount", AMOUNT, "--reference", "inv-1", "--reason", "smoke"]
    agreed(trial, "revenue", "record", *payment)


def distribute(trial: Trial) -> str:
    """A dry run, its proposal, the second person, the entry; returns the request's trace id.

    Tried again where a deal was on its way just then, or a quote: that is refused, and said.
    """
    trial.wait_for("the revenue is sealed", lambda: trial.value(_SEALED), _SEALED_SECONDS)
    green_await(trial)
    policy = [*_BOOK, "--policy", "subscription"]
    trial.wait_for(
        "the dry run shows it",
        lambda: SHARE in manage(trial, "distribution", "show", *policy),
        _SEALED_SECONDS,
    )
    for last in range(_TRIES - 1, -1, -1):
        try:
            return agreed(trial, "distribution", "propose", *policy, "--reason", "smoke")
        except TrialFailed:
            if not last:
                raise
            time.sleep(2)
    raise AssertionError


def burn_on_chain(trial: Trial) -> tuple[str, str]:
    """Intended by two people, done by the loopback server, seen, booked; trace id, transaction."""
    green_await(trial)
    burn = ["ask", "burn", "DCT", BURNT, *_BOOK, "--reason", "smoke"]
    request = asked(trial, "chain_intent", *burn)
    confirmed(trial, request)
    ((number, _, _, trace_id),) = trial.rows(_INTENT, request)
    trial.wait_for("the token lags", lambda: trial.value(_STATE) == "lagging", _CARRIED_OUT_SECONDS)
    shown = manage(trial, "distribution", "show", *_BOOK, "--policy", "house")
    if "stands in the way: DCT is lagging" not in shown:
        raise TrialFailed(f"an open intent stands in no way: {shown}")
    manage(trial, "chain_intent", "play", str(number), "--as", ASKS)
    _looked(trial)
    ((_, state, transaction, _),) = trial.rows(_INTENT, request)
    if (state, trial.value(_STATE)) != ("posted", "green"):
        raise TrialFailed(f"the intent is {state}, the token {trial.value(_STATE)}")
    return str(trace_id), str(transaction)


def _looked(trial: Trial) -> None:
    """Look at the chain until all is green; who looked just before may have seen less."""
    for last in range(_TRIES - 1, -1, -1):
        try:
            manage(trial, "chain_check")
        except TrialFailed:
            if not last:
                raise
        else:
            return


def green_await(trial: Trial) -> None:
    """Until the paper book's chain was found to hold what the ledger holds."""
    trial.wait_for("the token is green", lambda: trial.value(_STATE) == "green", _GREEN_SECONDS)


def burn_check(trial: Trial, staff: httpx2.Client, trace_id: str, transaction: str) -> None:
    """The life line has every hop in its order; the ledger page has entry and transaction."""
    seen = [(name, kind) for _, name, kind in hops_of(trial, trace_id)]
    left = iter(seen)
    missing = [hop for hop in BURN_HOPS if hop not in left]
    if missing:
        raise TrialFailed(f"the life line lacks {missing} in {seen}")
    page = staff.get(f"/ops/trace/{trace_id}/")
    for words in ("intent.opened", "chain.changed", "lagging", transaction, "token.burn", "green"):
        if words not in page.text:
            raise TrialFailed(f"the intent's life line page lacks {words}")
    ledger = staff.get("/ops/ledger/?book=paper")
    for words in (transaction, "LOOPBACK, NO CHAIN", "GREEN", "token.burn", "distribution"):
        if words not in ledger.text:
            raise TrialFailed(f"the ledger page lacks {words}")


def hops_of(trial: Trial, trace_id: str) -> list[tuple[Any, ...]]:
    """Time, name, and kind or new state of what belongs to the trace."""
    return trial.rows(_HOPS, trace_id, trace_id)


def agreed(trial: Trial, *words: str) -> str:
    """Asked by one person, confirmed by another, carried out; returns the request's trace id."""
    return confirmed(trial, asked(trial, *words))


def asked(trial: Trial, *words: str) -> int:
    """The number under which it waits for a second person."""
    told = manage(trial, *words, "--as", ASKS)
    found = re.match(r"Request (\d+) waits for a second person", told)
    if found is None:
        raise TrialFailed(f"{' '.join(words)} answered {told}")
    return int(found[1])


def confirmed(trial: Trial, request: int) -> str:
    """Confirmed by the other one and carried out. Raises TrialFailed with what refused it."""
    manage(trial, "second_person", "confirm", str(request), "--as", CONFIRMS)
    ((state, outcome, trace_id),) = trial.wait_for(
        f"request {request} is carried out",
        lambda: [row for row in trial.rows(_REQUEST, request) if row[0] != "confirmed"],
        _CARRIED_OUT_SECONDS,
    )
    if state != "done":
        raise TrialFailed(f"request {request} is {state}: {outcome}")
    return str(trace_id)
