"""Guards of the paper executor, each found by a case that runs against any executor."""

from tests.guards.guard import Guard

_ORDERS = "execution/paper/orders.py"
_JOURNAL = "execution/paper/journal.py"
_EXECUTOR = "execution/paper/executor.py"
_PERMITS = "execution/paper/permits.py"
_REQUESTS = "execution/paper/requests.py"


def _case(file: str, test: str, parameters: str = "paper") -> tuple[str, ...]:
    """The one case that needs the guard, run with the paper executor."""
    return (f"tests/contract/executor/test_{file}.py::test_{test}[{parameters}]",)


_JOURNALS = ("tests/unit/execution/test_paper_journal.py",)
_TWINS = ("tests/integration/execution/test_twins.py",)
_BROKER = ("tests/unit/execution/test_paper_peer.py",)

PAPER = (
    Guard(
        "paper: what was out before its journal is not called never sent",
        _JOURNAL,
        "            for one in answer.orders:\n",
        "            for one in ():\n",
        _case("lookups", "without_its_journal_it_calls_nothing_never_sent"),
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
        _case("orders", "what_was_done_is_not_done_again_under_a_later_fence", "paper-running"),
    ),
    Guard(
        "paper: a lease is taken once",
        _ORDERS,
        "        if kept is not None and kept.fence >= order.fence:\n",
        "        if False:\n",
        _case("orders", "an_order_that_is_served_again_and_again_is_sent_once"),
    ),
    Guard(
        "paper: what it cannot carry out is refused",
        _ORDERS,
        "        fault = order_fault(order)\n",
        '        fault = ""\n',
        _case(
            "orders",
            "an_order_that_is_not_understood_whole_is_refused_and_never_sent",
            "paper-position_ticket",
        ),
    ),
    Guard(
        "paper: an order that cannot be read spoils no other",
        "execution/client/polling.py",
        "LeasedOrder))\n        except WireError as error:",
        "LeasedOrder))\n        except KeyError as error:",
        _case("orders", "an_order_above_its_minor_is_refused_in_words_and_spoils_no_other"),
    ),
    Guard(
        "paper: a permit is no longer than three seconds",
        _PERMITS,
        "min(permit.seconds, SECONDS_MAX)",
        "permit.seconds",
        _case("permits", "no_server_can_make_a_permit_last_longer_than_three_seconds"),
    ),
    Guard(
        "paper: a permit is for one fence",
        _PERMITS,
        "frozenset((one.order_id, one.fence) for one in permit.orders)",
        "frozenset((one.order_id, f) for one in permit.orders for f in range(9))",
        _case("permits", "a_permit_for_another_fence_is_none"),
    ),
    Guard(
        "paper: a permit counts from the sending of the poll",
        _EXECUTOR,
        "asked_at=asked_at",
        "asked_at=self._monotonic()",
        _case("permits", "a_permit_counts_from_the_sending_of_the_poll"),
    ),
    Guard(
        "paper: kill stops what is permitted",
        _PERMITS,
        "permit.entries_allowed and not is_killed",
        "permit.entries_allowed",
        _case("desired", "kill_takes_back_what_rests_and_sends_no_entry_that_is_permitted"),
    ),
    Guard(
        "paper: a cancel that was refused is asked again",
        _ORDERS,
        "self._not_before[mark] = self._monotonic() + seconds",
        "self._not_before[mark] = math.inf",
        _case(
            "cancels",
            "a_cancel_that_the_broker_refuses_is_tried_again_until_the_order_ends",
            "paper-10018",
        ),
    ),
    Guard(
        "paper: what is not sent is cancelled, not handed back",
        _ORDERS,
        "kept.state == RECEIVED:\n                self._tell(kept, CANCELLED",
        "not kept.state:\n                self._tell(kept, CANCELLED",
        _case("cancels", "a_cancel_of_an_order_that_is_kept_and_not_sent_ends_it"),
    ),
    Guard(
        "paper: a command that is not known is left",
        _ORDERS,
        'elif desired.command == "lookup" and',
        "elif",
        _case("desired", "a_command_that_is_not_known_does_nothing_and_stops_no_other"),
    ),
    Guard(
        "paper: an unsure entry is never sent again",
        _ORDERS,
        'kept.order.event in ("exit", "amend"):',
        "kept.order.event:",
        _case("lookups", "an_order_of_which_the_broker_says_nothing_certain_is_not_sent_again"),
    ),
    Guard(
        "paper: a stop from the fill is set until it stands",
        _REQUESTS,
        "return result.retcode in (DONE, NO_CHANGES)",
        "return True",
        _case("terms", "a_stop_that_the_broker_refuses_to_set_is_set_in_the_end"),
    ),
    Guard(
        "paper: what shall not rest is refused",
        _REQUESTS,
        "if not tif_rests(order.tif):\n",
        "if False:\n",
        _case("terms", "what_is_to_be_filled_at_once_never_rests", "paper-ioc"),
    ),
    Guard(
        "paper: verdicts of others are none",
        _EXECUTOR,
        "if [one.report_id for one in answer.reports] != named:",
        "if len(answer.reports) != len(named):",
        _case("reports", "verdicts_of_other_reports_are_not_taken_for_these"),
    ),
    Guard(
        "paper: a gap that cannot be told is closed by a notice",
        _JOURNAL,
        "            if seq not in again:\n",
        "            if False:\n",
        _case("reports", "a_report_that_is_refused_stops_no_other_and_leaves_no_gap_for_ever"),
    ),
    Guard(
        "client: an answer has an end",
        "execution/client/calls.py",
        "        if size > ANSWER_BYTES_MAX:\n",
        "        if False:\n",
        _case("answers", "a_huge_answer_trades_nothing"),
    ),
    Guard(
        "client: a late signature tells the time",
        "execution/client/calls.py",
        'if refusal.code == "signature_late":',
        "if False:",
        _case("signed", "a_clock_that_is_minutes_off_learns_the_servers_time_and_signs"),
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
    Guard(
        "twin: it follows nothing by itself",
        "execution/services/twins.py",
        "    if twin is not None:\n        raise TwinFollows",
        "    if False:\n        raise TwinFollows",
        _TWINS,
    ),
    Guard(
        "twin: at commit it follows the same",
        "execution/sql/twins.sql",
        "IF execution_twin_differs(v_twin.account_id, v_twin.live_id) THEN",
        "IF false THEN",
        _TWINS,
        in_database=True,
    ),
    Guard(
        "twin: it is the paper one of a live one",
        "execution/sql/twins.sql",
        "AND a.currency = live.currency AND a.margin_mode = live.margin_mode)",
        "AND a.currency = live.currency)",
        _TWINS,
        in_database=True,
    ),
)
