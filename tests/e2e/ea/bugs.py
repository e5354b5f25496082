"""Bugs planted into the Expert Advisor's MQL5, each with the scenario that must notice it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TRADES, _RETCODES = "test_trades.py", "test_retcodes.py"
_CRASHES, _SERVER, _LIMITS = "test_crashes.py", "test_server.py", "test_limits.py"
_NETTING, _ANSWERS, _KEYS = "test_netting.py", "test_answers.py", "test_keys.py"
_PENDINGS, _TERMINAL = "test_pendings.py", "test_terminal.py"
_PROTECTION, _BARS = "test_protection.py", "test_bars.py"
_OUTBOX, _MINORS = "test_outbox.py", "test_minors.py"


@dataclass(frozen=True)
class Bug:
    """`old` stands once in the file, and becomes `new`; `test` must fail then."""

    name: str
    file: str
    old: str
    new: str
    test: str

    @property
    def path(self) -> Path:
        """Below `mql5`."""
        folder = Path("Experts") if self.file.endswith(".mq5") else Path("Include") / "Fusion"
        return folder / self.file


def _bug(name: str, file: str, old: str, new: str, where: str, test: str) -> Bug:
    return Bug(name, file, old, new, f"tests/e2e/ea/{where}::{test}")


BUGS: Final = (
    _bug(
        "buy at bid",
        "Entry.mqh",
        "return terms.is_buy ? tick.ask : tick.bid;",
        "return tick.bid;",
        _TRADES,
        "test_a_buy_is_made_at_the_ask_under_instant_execution",
    ),
    _bug(
        "no flush before send",
        "JournalFile.mqh",
        "        FileFlush(handle);\n        return FileSize(handle) == at + count;",
        "        return true;",
        _CRASHES,
        "test_a_crash_just_before_the_send_is_looked_up_and_not_sent",
    ),
    _bug(
        "permit from the answer's time",
        "Desk.mqh",
        "m_permit_until = g_http.sent_at + ",
        "m_permit_until = g_http.got_at + ",
        _ANSWERS,
        "test_a_permit_counts_from_the_sending_of_the_poll",
    ),
    _bug(
        "ticket for identifier",
        "Broker.mqh",
        "if(ticket > 0 && PositionGetInteger(POSITION_IDENTIFIER) == position_id)",
        "if(ticket > 0 && (long)ticket == position_id)",
        _NETTING,
        "test_an_exit_finds_a_position_whose_ticket_changed",
    ),
    _bug(
        "volume rounded up",
        "Symbols.mqh",
        "const double steps = MathFloor(lots / sheet.lot_step + 1e-7);",
        "const double steps = MathCeil(lots / sheet.lot_step - 1e-7);",
        _TRADES,
        "test_lots_are_floored_to_the_steps_of_the_symbol",
    ),
    _bug(
        "resend after a time-out",
        "Entry.mqh",
        "            OrderMove(at, STAGE_LOOKUP);",
        '            Again(at, RETRY_MS, "");',
        _RETCODES,
        "test_a_timeout_that_was_lost_is_told_and_never_sent_again[10012]",
    ),
    _bug(
        "cancel tried once",
        "Manage.mqh",
        "g_journal.kept[at].next_try = GetTickCount64() + 1000;",
        "g_journal.kept[at].next_try = GetTickCount64() + 100000000;",
        _PENDINGS,
        "test_a_cancel_that_the_broker_refuses_is_tried_again",
    ),
    _bug(
        "naked position kept",
        "Protect.mqh",
        'Close(position_id, magic, "its stop cannot be set ("'
        ' + RetcodeName(answer.retcode) + ")");',
        "return;",
        _RETCODES,
        "test_a_position_whose_stop_cannot_be_set_is_closed",
    ),
    _bug(
        "a stop that was taken away is not set again",
        "Protect.mqh",
        "if(sl_now > 0 && (!is_first || is_right || is_tighter))",
        "if(!is_first || is_right || (sl_now > 0 && is_tighter))",
        _PROTECTION,
        "test_a_position_whose_stop_was_taken_away_gets_it_back_within_a_beat",
    ),
    _bug(
        "stop widened on 10016",
        "Entry.mqh",
        "        const double sl = StopOf(terms, base, sheet);\n"
        "        const double tp = TargetOf(terms, base, sheet);\n"
        "        why =",
        "        double sl = StopOf(terms, base, sheet);\n"
        "        if(sheet.stops_level > 0)\n"
        "            sl = MathMin(sl, base - (sheet.stops_level + 50) * sheet.point);\n"
        "        const double tp = TargetOf(terms, base, sheet);\n"
        "        why =",
        _RETCODES,
        "test_a_stop_nearer_than_the_broker_takes_is_refused_and_never_widened",
    ),
    _bug(
        "a stop left out wherever it is refused",
        "Entry.mqh",
        "if(sheet.execution != SYMBOL_TRADE_EXECUTION_MARKET || g_journal",
        "if(g_journal",
        _RETCODES,
        "test_a_refused_stop_is_the_end_of_an_entry_under_instant_execution",
    ),
    _bug(
        "foreign deal untold",
        "Deals.mqh",
        "if(ticket == 0 || (!changed",
        "if(ticket == 0 || HistoryDealGetInteger(ticket, DEAL_MAGIC) == 0 || (!changed",
        _TRADES,
        "test_what_others_do_on_the_account_is_told_too",
    ),
    _bug(
        "history scanned once only",
        "Deals.mqh",
        "const bool is_full = HasPassed(m_scanned_at, 60000) || m_scanned_at == 0;",
        "const bool is_full = m_scanned_at == 0;",
        _TRADES,
        "test_a_deal_that_the_broker_changed_is_told_again",
    ),
    _bug(
        "order above its minor sent",
        "Inbox.mqh",
        "if(terms.needs_minor > EA_MINOR)",
        "if(terms.needs_minor > 999)",
        _ANSWERS,
        "test_an_order_that_is_not_understood_whole_is_refused_in_words[needs_minor0]",
    ),
    _bug(
        "stop counted from the price asked",
        "Protect.mqh",
        "sl = StopOfFill(one.terms, open, nearest, sheet);",
        "sl = sl_now;",
        _TRADES,
        "test_a_stop_that_is_a_distance_counts_from_the_fill[points-500]",
    ),
    _bug(
        "never sent, from a lost journal",
        "Lookup.mqh",
        '        if(born == "")\n            return false;\n',
        "        if(true)\n            return true;\n",
        _CRASHES,
        "test_with_the_journal_lost_an_order_that_was_out_is_never_sent_again",
    ),
    _bug(
        "filling not kept",
        "Entry.mqh",
        "        if(!rests)\n"
        "            g_journal.Put(ValueRecord(FillingName(next.terms.symbol), filling));\n",
        "",
        _RETCODES,
        "test_the_next_filling_is_tried_once_and_kept",
    ),
    _bug(
        "filling tried without end",
        "Entry.mqh",
        'answer.retcode == TRADE_RETCODE_INVALID_FILL && g_journal.kept[at].fillings == ""',
        "answer.retcode == TRADE_RETCODE_INVALID_FILL",
        _RETCODES,
        "test_a_filling_that_was_refused_twice_ends_the_entry",
    ),
    _bug(
        "requotes without end",
        "Entry.mqh",
        "answer.action == ACT_RETRY && tries + 1 < TRIES_MAX",
        "answer.action == ACT_RETRY",
        _RETCODES,
        "test_three_requotes_are_enough",
    ),
    _bug(
        "exit done at the first answer",
        "Manage.mqh",
        "if(open <= MathMax(0.0, one.goal) + 1e-8)",
        "if(open <= MathMax(0.0, one.goal) + 1e8)",
        _RETCODES,
        "test_an_exit_that_is_filled_in_parts_ends_when_nothing_is_left",
    ),
    _bug(
        "exit sent again without looking",
        "Manage.mqh",
        "            OrderMove(at, STAGE_LOOKUP);\n            return;",
        "            OrderMove(at, STAGE_RECEIVED);\n            return;",
        _RETCODES,
        "test_a_part_that_was_closed_under_a_timeout_is_not_closed_twice",
    ),
    _bug(
        "resting entries kept when the server is away",
        "Clock.mqh",
        "return HasPassed(m_heard_at, (ulong)g_set.silence_seconds * 1000);",
        "return false;",
        _SERVER,
        "test_a_server_that_is_away_takes_resting_entries_back_and_leaves_stops",
    ),
    _bug(
        "latch forgotten",
        "Books.mqh",
        '        g_journal.Put(ValueRecord("day_block", ""));\n',
        '        g_journal.Put(ValueRecord("day_block", ""));\n'
        '        g_journal.Put(ValueRecord("latch", ""));\n',
        _LIMITS,
        "test_the_equity_stop_survives_the_day",
    ),
    _bug(
        "the day's loss without floating",
        "Books.mqh",
        "return AccountInfoDouble(ACCOUNT_EQUITY);",
        "return AccountInfoDouble(ACCOUNT_BALANCE);",
        _LIMITS,
        "test_a_loss_of_the_day_with_floating_ends_entries",
    ),
    _bug(
        "money paid out counts as a loss",
        "Books.mqh",
        "if(net != 0 && is_flow)",
        "if(false && is_flow)",
        _LIMITS,
        "test_money_paid_out_is_no_loss",
    ),
    _bug(
        "kill file not looked for",
        "Risk.mqh",
        "if(FileIsExist(KILL_FILE))",
        "if(false)",
        _LIMITS,
        "test_a_kill_at_the_terminal_ends_entries_and_takes_resting_ones_back[file]",
    ),
    _bug(
        "lots over the terminal's limit",
        "Risk.mqh",
        "lots > g_set.order_lots_max",
        "false",
        _LIMITS,
        "test_an_entry_over_a_limit_of_the_terminal_is_refused[inputs0-order_lots_limit]",
    ),
    _bug(
        "positions not counted",
        "Risk.mqh",
        "if(PositionsTotal() + OrdersTotal() >= g_set.positions_max)",
        "if(false)",
        _LIMITS,
        "test_the_second_entry_over_a_count_is_refused[inputs0-positions_limit]",
    ),
    _bug(
        "spread not looked at",
        "Risk.mqh",
        'return spread > most + 1e-6 ? "spread" : "";',
        'return "";',
        _LIMITS,
        "test_a_wide_spread_a_stale_quote_and_a_closed_session_make_an_entry_wait",
    ),
    _bug(
        "an old quote traded on",
        "Symbols.mqh",
        "BrokerNow() - (long)tick.time > g_set.tick_age_seconds_max",
        "false",
        _LIMITS,
        "test_a_wide_spread_a_stale_quote_and_a_closed_session_make_an_entry_wait",
    ),
    _bug(
        "skew not looked at",
        "Risk.mqh",
        "if(MathAbs(g_clock.SkewSeconds()) > g_set.skew_seconds_max)",
        "if(false)",
        _KEYS,
        "test_a_clock_that_is_minutes_off_still_signs_and_stops_entries",
    ),
    _bug(
        "a second program of one terminal",
        "State.mqh",
        "        if(!LockTake())\n",
        "        if(false)\n",
        _KEYS,
        "test_two_programs_of_one_terminal_exclude_each_other",
    ),
    _bug(
        "a report counts as told without a verdict",
        "Outbox.mqh",
        '        if(g_http.answer.Fault() != "" || !g_journal.Commit())\n            return false;',
        "        g_journal.Commit();",
        _ANSWERS,
        "test_verdicts_that_are_missing_leave_reports_untold",
    ),
    _bug(
        "duplicate names in JSON taken",
        "JsonTable.mqh",
        "if(Member(object_node, key) >= 0)",
        "if(false)",
        _ANSWERS,
        "test_an_answer_that_cannot_be_read_trades_nothing_and_is_told[11]",
    ),
    _bug(
        "open bar told",
        "Bars.mqh",
        "const int from = MathMax(1, back - BARS_A_CALL + 1);",
        "const int from = MathMax(0, back - BARS_A_CALL);",
        _BARS,
        "test_a_program_that_starts_tells_the_last_bars_that_have_closed",
    ),
    _bug(
        "gap of bars left open",
        "Bars.mqh",
        "        if(told == 0)\n            return BARS_A_CALL;",
        "        if(told >= 0)\n            return BARS_A_CALL;",
        _BARS,
        "test_a_gap_longer_than_a_call_is_made_up_for",
    ),
    _bug(
        "bars in broker time taken for UTC",
        "Bars.mqh",
        'json.Whole("broker_offset_seconds", BrokerOffset());',
        'json.Whole("broker_offset_seconds", 0);',
        _BARS,
        "test_each_bar_is_told_when_it_has_closed_in_utc",
    ),
    _bug(
        "refused bar told for ever",
        "Bars.mqh",
        "        if(count == 1)\n            Keep(symbol, (long)rates[first].time);",
        "        if(count < 1)\n            Keep(symbol, (long)rates[first].time);",
        _BARS,
        "test_a_bar_that_is_refused_costs_itself_and_no_other",
    ),
)
