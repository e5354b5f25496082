"""Guards of the paper executor, each found by a case that runs against any executor."""

from tests.guards.guard import Guard

_ORDERS = "execution/paper/orders.py"
_JOURNAL = "execution/paper/journal.py"
_EXECUTOR = "execution/paper/executor.py"
_PERMITS = "execution/paper/permits.py"
_REQUESTS = "execution/paper/requests.py"
_AT = "tests/contract/executor/"
_LOOKUPS = (f"{_AT}test_lookups.py",)
_ORDER_CASES = (f"{_AT}test_orders.py",)
_PERMIT_CASES = (f"{_AT}test_permits.py",)
_CANCELS = (f"{_AT}test_cancels.py",)
_DESIRED = (f"{_AT}test_desired.py",)
_TERMS = (f"{_AT}test_terms.py",)
_REPORTS = (f"{_AT}test_reports.py",)
_ANSWERS = (f"{_AT}test_answers.py",)
_JOURNALS = ("tests/unit/execution/test_paper_journal.py",)
_BROKER = ("tests/unit/execution/test_paper_peer.py",)

PAPER = (
    Guard(
        "paper: what was out before its journal is not called never sent",
        _JOURNAL,
        "            for one in answer.orders:\n",
        "            for one in ():\n",
        _LOOKUPS,
    ),
    Guard(
        "paper: a journal from a backup begins anew",
        _JOURNAL,
        'if self.value("since") and not is_behind:',
        'if self.value("since"):',
        _JOURNALS,
    ),
    Guard(
        "paper: what went out under an earlier lease is not sent again",
        _ORDERS,
        "        if kept.is_unsent or kept.state == LOST:\n",
        "        if True:\n",
        _ORDER_CASES,
    ),
    Guard(
        "paper: a lease is taken once",
        _ORDERS,
        "        if kept is not None and kept.fence >= order.fence:\n",
        "        if False:\n",
        _ORDER_CASES,
    ),
    Guard(
        "paper: what it cannot carry out is refused",
        _ORDERS,
        "        fault = order_fault(order)\n",
        '        fault = ""\n',
        _ORDER_CASES,
    ),
    Guard(
        "paper: an order that cannot be read spoils no other",
        "execution/client/polling.py",
        "LeasedOrder))\n        except WireError as error:",
        "LeasedOrder))\n        except KeyError as error:",
        _ORDER_CASES,
    ),
    Guard(
        "paper: a permit is no longer than three seconds",
        _PERMITS,
        "min(permit.seconds, SECONDS_MAX)",
        "permit.seconds",
        _PERMIT_CASES,
    ),
    Guard(
        "paper: a permit is for one fence",
        _PERMITS,
        "frozenset((one.order_id, one.fence) for one in permit.orders)",
        "frozenset((one.order_id, f) for one in permit.orders for f in range(9))",
        _PERMIT_CASES,
    ),
    Guard(
        "paper: a permit counts from the sending of the poll",
        _EXECUTOR,
        "asked_at=asked_at",
        "asked_at=self._monotonic()",
        _PERMIT_CASES,
    ),
    Guard(
        "paper: kill stops what is permitted",
        _PERMITS,
        "permit.entries_allowed and not is_killed",
        "permit.entries_allowed",
        _DESIRED,
    ),
    Guard(
        "paper: a cancel that was refused is no end",
        _ORDERS,
        "            if not result.is_success:\n",
        "            if False:\n",
        _CANCELS,
    ),
    Guard(
        "paper: what is not sent is cancelled, not handed back",
        _ORDERS,
        "kept.state == RECEIVED:\n                self._tell(kept, CANCELLED",
        "not kept.state:\n                self._tell(kept, CANCELLED",
        _CANCELS,
    ),
    Guard(
        "paper: a command that is not known is left",
        _ORDERS,
        'elif desired.command == "lookup" and',
        "elif",
        _DESIRED,
    ),
    Guard(
        "paper: an unsure entry is never sent again",
        _ORDERS,
        'kept.order.event in ("exit", "amend"):',
        "kept.order.event:",
        _LOOKUPS,
    ),
    Guard(
        "paper: a stop from the fill is set until it stands",
        _REQUESTS,
        "return result.retcode in (DONE, NO_CHANGES)",
        "return True",
        _TERMS,
    ),
    Guard(
        "paper: what shall not rest is refused",
        _REQUESTS,
        'if order.order_type != "market" and not tif_rests(order.tif):',
        "if False:",
        _TERMS,
    ),
    Guard(
        "paper: verdicts of others are none",
        _EXECUTOR,
        "if [one.report_id for one in answer.reports] != named:",
        "if len(answer.reports) != len(named):",
        _REPORTS,
    ),
    Guard(
        "paper: a gap that cannot be told is closed by a notice",
        _JOURNAL,
        "            if seq not in again:\n",
        "            if False:\n",
        _REPORTS,
    ),
    Guard(
        "client: an answer has an end",
        "execution/client/calls.py",
        "        if size > ANSWER_BYTES_MAX:\n",
        "        if False:\n",
        _ANSWERS,
    ),
    Guard(
        "client: a late signature tells the time",
        "execution/client/calls.py",
        'if refusal.code == "signature_late":',
        "if False:",
        (f"{_AT}test_signed.py",),
    ),
    Guard(
        "paper broker: fok is all or nothing",
        "execution/paper/broker.py",
        'return Decimal(0) if request.filling == "fok" and part != volume else part',
        "return part",
        _BROKER,
    ),
    Guard(
        "paper broker: a reversal keeps the identifier",
        "execution/paper/fills.py",
        '"side": request.side,\n            "volume": text(volume - whole)',
        '"ticket": order.ticket,\n            "side": request.side,\n            "volume": "1"',
        _BROKER,
    ),
)
