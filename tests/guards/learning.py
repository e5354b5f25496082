"""Guards of what is learned: bars, labels, states, and what missing or late lobes may do."""

from tests.guards.guard import Guard

_AT = "tests/integration/signals/"
_BARS = (f"{_AT}test_bars.py",)
_LEARNING = (f"{_AT}test_learning.py",)
_CALLING = (f"{_AT}test_calling.py",)
_ENGINE = ("tests/unit/signals/test_fusion_2.py",)
_BARRIERS = ("tests/unit/signals/market/test_barriers.py",)
_FUSION_2 = "signals/fusion/engines/fusion_2.py"
_SQL = "signals/sql/learning.sql"

LEARNING = (
    Guard(
        "bars: none from the future by alert",
        "signals/sql/intake.sql",
        "WHEN p_in.signalled_at > p_case.moment + interval '30 seconds' THEN 'from_future'",
        "WHEN false THEN 'from_future'",
        _BARS,
        in_database=True,
    ),
    Guard(
        "bars: none from the future (trigger)",
        "signals/sql/bars.sql",
        "IF NEW.close_at > events_now() + interval '30 seconds' THEN",
        "IF false THEN",
        _BARS,
        in_database=True,
    ),
    Guard(
        "bars: revisions follow each other (trigger)",
        "signals/sql/bars.sql",
        "IF NEW.revision <> coalesce(v_newest, 0) + 1 THEN",
        "IF false THEN",
        _BARS,
        in_database=True,
    ),
    Guard(
        "bars: what was not on record yet is not read",
        "signals/selectors/bars.py",
        "AND close_at <= %s AND recorded_at < %s\n        ORDER BY",
        "AND close_at <= %s AND (true OR recorded_at < %s)\n        ORDER BY",
        _BARS,
    ),
    Guard(
        "bars: another strategy's serve it alone",
        "signals/services/policy_rules.py",
        'if feed.startswith("alert:") and feed != alert_feed(slug):',
        "if False:",
        _BARS,
    ),
    Guard(
        "bars: another strategy's serve it alone (trigger)",
        "signals/sql/strategies.sql",
        "WHERE f.feed #>> '{}' LIKE 'alert:%'",
        "WHERE false AND f.feed #>> '{}' LIKE 'alert:%'",
        _BARS,
        in_database=True,
    ),
    Guard(
        "label: stop first where a bar touches both",
        "signals/market/barriers.py",
        "if bar.low <= asked.stop if is_buy else bar.high >= asked.stop:",
        "if False:",
        _BARRIERS,
    ),
    Guard(
        "label: net of cost",
        "signals/market/barriers.py",
        "sign * (left_at - price), risk) - asked.cost",
        "sign * (left_at - price), risk)",
        _BARRIERS,
    ),
    Guard(
        "label: none where bars are missing",
        "signals/market/barriers.py",
        "            if self._is_owed_before(bar.open_at):",
        "            if False:",
        _BARRIERS,
    ),
    Guard(
        "label: not before its time (trigger)",
        _SQL,
        "OR NEW.created_at > events_now() + interval '1 second' THEN",
        "THEN",
        _LEARNING,
        in_database=True,
    ),
    Guard(
        "label: a backlog leaves other jobs their turn",
        "signals/services/labels.py",
        "        if time.monotonic() > stop_at:",
        "        if False:",
        _LEARNING,
    ),
    Guard(
        "scores: printed bounds count what lateness cost",
        "signals/fusion/scoring/scores.py",
        "return scores.joining + (scores.late or 0.0)",
        "return scores.joining",
        ("tests/unit/signals/scoring/test_scores.py",),
    ),
    Guard(
        "state: follows the one before (trigger)",
        _SQL,
        "IF NEW.version <> coalesce(v_former.version, 0) + 1",
        "IF false",
        _LEARNING,
        in_database=True,
    ),
    Guard(
        "state: what was learned later moves no decision",
        "signals/selectors/learning.py",
        "            known_at__lt=known_until,\n            created_at__lt=known_until,\n"
        "            label__known_at__lt=known_until,\n"
        "            label__created_at__lt=known_until,\n",
        "",
        _LEARNING,
    ),
    Guard(
        "lobes: a late answer decides nothing",
        _FUSION_2,
        'awake = [one for one in inputs.opinions if one.status == "awake" and one.p is not None]\n'
        "    is_below",
        "awake = [one for one in inputs.opinions if one.p is not None]\n    is_below",
        _ENGINE,
    ),
    Guard(
        "lobes: an answer after the hard deadline is late",
        "signals/services/calling.py",
        "is_late = age > self._hard_seconds or not waits",
        "is_late = False",
        _CALLING,
    ),
    Guard(
        "lobes: one that calls out weighs no more than its bound",
        _FUSION_2,
        "scale = {owner: min(1.0, most / total)",
        "scale = {owner: 1.0",
        _ENGINE,
    ),
    Guard(
        "lobes: below the quorum the policy's rule counts",
        _FUSION_2,
        'if is_below and verdict == "trade":',
        "if False:",
        _ENGINE,
    ),
    Guard(
        "lobes: a quorum that can never be met is refused",
        "signals/services/policy_rules.py",
        "if policy.quorum > len(asked - asleep):",
        "if False:",
        _LEARNING,
    ),
    Guard(
        "lobes: a quorum that can never be met is refused (trigger)",
        "signals/sql/strategies.sql",
        "IF jsonb_array_length(NEW.lobes) > 0 AND NEW.quorum > jsonb_array_length(NEW.lobes) THEN",
        "IF false THEN",
        _LEARNING,
        in_database=True,
    ),
    Guard(
        "lobes: nobody rings for what has a process of its own",
        "fusion_project/events/doorbell.py",
        "if handler.left_seconds:",
        "if False:",
        _CALLING,
    ),
    Guard(
        "lobes: drain leaves them their time",
        "fusion_project/events/management/commands/drain.py",
        "max(overdue_seconds, handler.left_seconds)",
        "overdue_seconds",
        _CALLING,
    ),
)
