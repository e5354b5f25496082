"""Guards of gates: what is not known is never good, and none reads what came later."""

from tests.guards.guard import Guard

_RULES = "signals/fusion/gating/rules.py"
_SETTINGS = "signals/fusion/gating/settings.py"
_READ = "signals/selectors/gates.py"
_UNIT = ("tests/unit/signals/gating/test_gates.py",)
_AT_A_DECISION = ("tests/integration/signals/test_gates.py",)
_NEWS = ("tests/integration/signals/test_news_import.py",)
_BACKTEST = ("tests/unit/signals/trials/test_backtest.py",)

GATES = (
    Guard(
        "gate: what is not known never counts as good",
        _RULES,
        "    if missing:\n        return Gate(",
        "    if False:\n        return Gate(",
        _UNIT,
    ),
    Guard(
        "gate: a fact that is too old is as good as none",
        _RULES,
        "fact.age_seconds > limit else",
        "False else",
        _UNIT,
    ),
    Guard(
        "gate: nobody declares that the unknown is good",
        _SETTINGS,
        "    if number >= 1:",
        "    if False:",
        _UNIT,
    ),
    Guard(
        "gate: nobody declares that the unknown is good (trigger)",
        "signals/sql/strategies.sql",
        "OR greatest((g.told ->> 'absent')::numeric, (g.told ->> 'factor')::numeric) >= 1) THEN",
        ") THEN",
        _AT_A_DECISION,
        in_database=True,
    ),
    Guard(
        "gate: unknown ones are refused (trigger)",
        "signals/sql/strategies.sql",
        "WHERE g.name NOT IN (",
        "WHERE false AND g.name NOT IN (",
        _AT_A_DECISION,
        in_database=True,
    ),
    Guard(
        "gate: what was told after the alert is not read",
        _READ,
        "        recorded_at__lt=look.at,\n        at__lte=look.at,\n",
        "        recorded_at__lt=look.at,\n",
        _AT_A_DECISION,
    ),
    Guard(
        "gate: a closed one lets nothing pass",
        "signals/fusion/engines/fusion_2.py",
        'if verdict != "abstain" and outcome.size_factor <= 0:',
        "if False:",
        ("tests/unit/signals/test_fusion_2.py", *_UNIT),
    ),
    Guard(
        "gate: a replay judges the facts anew",
        "signals/fusion/replay.py",
        'if "gates" in (stored["context"] or {}):',
        "if False:",
        _UNIT,
    ),
    Guard(
        "news: what was not on record yet is not known",
        "signals/selectors/news.py",
        "AND calendar = %s AND recorded_at < %s",
        "AND calendar = %s AND (true OR recorded_at < %s)",
        _NEWS,
    ),
    Guard(
        "news: revisions follow each other (trigger)",
        "signals/sql/news.sql",
        "IF NEW.revision <> coalesce(v_newest, 0) + 1 THEN",
        "IF false THEN",
        _NEWS,
        in_database=True,
    ),
    Guard(
        "backtest: a label is learned when it became known, not before",
        "signals/trials/walk.py",
        "(until is None or self._waiting[0].known_at < until)",
        "True",
        _BACKTEST,
    ),
    Guard(
        "backtest: no result without costs",
        "signals/services/backtests.py",
        "    if asked.policy.cost_r <= 0:",
        "    if False:",
        _BACKTEST,
    ),
)
