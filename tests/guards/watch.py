"""Guards of the watch for lost alerts, and of symbols."""

from tests.guards.guard import Guard

_SERVICE = "signals/services/watching.py"
_SELECTOR = "signals/selectors/watching.py"
_CHAINS = ("tests/integration/signals/test_watch.py",)
_CLOCK = ("tests/integration/signals/test_watch_by_the_clock.py",)
_RACES = ("tests/race/signals/test_watch_races.py",)
_LIFE = "fusion_project/incidents/life.py"
_LIFE_TESTS = ("tests/integration/incidents/test_life.py",)
_EXECUTORS = "execution/services/silence.py"
_DRILLS = ("tests/integration/signals/test_drills.py",)
_SYMBOLS = "signals/intents/symbols.py"
_FORMS = ("tests/unit/signals/test_symbol_forms.py",)

WATCH = (
    Guard(
        "life: after an outage nobody has been silent",
        _LIFE,
        "life.seconds_since(max(since, looked_since))",
        "life.seconds_since(since)",
        _LIFE_TESTS,
    ),
    Guard(
        "life: an outage is no sign of life",
        _LIFE,
        "    elif seen_at and life.seconds_since(seen_at) <= life.SILENCE_SECONDS_MAX:\n",
        "    else:\n",
        _LIFE_TESTS,
    ),
    Guard(
        "life: without Redis no worker is missed",
        _LIFE,
        "    if not settings.REDIS_URL:\n",
        "    if False:\n",
        _LIFE_TESTS,
    ),
    Guard(
        "life: an executor is late only if somebody listened",
        _EXECUTORS,
        "max(one.heard_at, looked_since)",
        "one.heard_at",
        _LIFE_TESTS,
    ),
    Guard(
        "life: web processes run watches alone",
        "fusion_project/incidents/second_watch.py",
        "periodic_run_due(watches_only=True)",
        "periodic_run_due()",
        ("tests/integration/incidents/test_second_watch.py",),
    ),
    Guard(
        "watch: our own outage is no silence of a sender",
        _SERVICE,
        "    if due_by is not None and due_by > now():\n",
        "    if False:\n",
        _CLOCK,
    ),
    Guard(
        "drill: no account follows one, in Python",
        "execution/services/following.py",
        "    if Strategy.objects.filter(id=strategy_id, is_drill=True).exists():\n",
        "    if False:\n",
        _DRILLS,
    ),
    Guard(
        "drill: no account follows one, in the database",
        "execution/sql/subscriptions.sql",
        "s.id = NEW.strategy_id AND s.is_drill",
        "false",
        _DRILLS,
        in_database=True,
    ),
    Guard(
        "drill: a strategy stays what it was made as",
        "signals/sql/strategies.sql",
        "    IF NEW.is_drill <> OLD.is_drill THEN\n",
        "    IF false THEN\n",
        _DRILLS,
        in_database=True,
    ),
    Guard(
        "watch: a break is reported once",
        _SERVICE,
        "    return rows.update(gap_after=gap.earlier.alert_id) == 1\n",
        "    rows.update(gap_after=gap.earlier.alert_id)\n    return True\n",
        (*_CHAINS, *_RACES),
    ),
    Guard(
        "watch: the newest break keeps the word",
        _SERVICE,
        "        new.append(found.gaps[-1])\n",
        "        pass\n",
        _CHAINS,
    ),
    Guard(
        "watch: a later alert that fits closes the report",
        _SERVICE,
        "    if found.holds:\n",
        "    if False:\n",
        _CHAINS,
    ),
    Guard(
        "watch: neighbours are judged one after the other",
        _SERVICE,
        '"SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"',
        '"SELECT %s"',
        _RACES,
    ),
    Guard(
        "watch: an old alert does not set the clock back",
        _SERVICE,
        "    if last_alert_id <= row.last_alert_id:\n        return\n",
        "",
        _CLOCK,
    ),
    Guard(
        "watch: an old canary does not set the clock back",
        _SERVICE,
        "    if alert.id <= row.last_alert_id:\n        return\n",
        "",
        _CLOCK,
    ),
    Guard(
        "watch: one incident for one absence",
        _SERVICE,
        "due.update(due_by=None) != 1",
        "False",
        (*_CLOCK, *_RACES),
    ),
    Guard(
        "watch: an alert that is stored is not missing",
        _SERVICE,
        "if _is_unwatched(row) or",
        "if",
        _CLOCK,
    ),
    Guard(
        "watch: a rate warning that a person closed counts anew",
        _SERVICE,
        "*(end for end in ends if end is not None)",
        "",
        _CLOCK,
    ),
    Guard(
        "watch: inactive strategies are not missed",
        _SELECTOR,
        "due_by__lt=now(), strategy__is_active=True",
        "due_by__lt=now()",
        _CLOCK,
    ),
    Guard(
        "watch: a rate warning closes well below where it opened",
        _SERVICE,
        "if warning and rate.is_calm:",
        "if warning and not rate.is_high:",
        _CLOCK,
    ),
    Guard(
        "watch: each symbol's fires count apart, refused ones too",
        "signals/sql/intake.sql",
        "coalesce(p_in.legs -> -1 ->> 'instrument', p_case.intent #>> '{bar,symbol_raw}', '')",
        "''",
        _CLOCK,
        in_database=True,
    ),
    Guard(
        "watch: a strategy that is switched on again is not overdue",
        "signals/services/strategies.py",
        '        strategy.expectations.filter(kind="trade").update(due_by=None)\n',
        "        pass\n",
        _CLOCK,
    ),
    Guard(
        "incidents: the rule yields to a person who closes at once",
        "fusion_project/incidents/services.py",
        "    except IncidentNotOpen:\n        return False\n",
        "    except ZeroDivisionError:\n        return False\n",
        _RACES,
    ),
    Guard(
        "symbols: spreads are ambiguous",
        _SYMBOLS,
        'if _SPREAD.search(text.upper()) or text.count(":") > 1:',
        "if False:",
        _FORMS,
    ),
    Guard(
        "symbols: no other letter becomes a plain one",
        _SYMBOLS,
        'if ticker.isascii() else ""',
        'if ticker else ""',
        _FORMS,
    ),
    Guard(
        "watch: a stopped alert is not called calm",
        "signals/watch/rate.py",
        "return self.count < CALM_BELOW and not self.is_stopped",
        "return self.count < CALM_BELOW",
        ("tests/unit/signals/test_watch_times.py", *_CLOCK),
    ),
    Guard(
        "symbols: an unconfirmed mapping trades nothing",
        "execution/risk/rules.py",
        "return facts.symbol is not None and not facts.symbol.is_confirmed",
        "return False",
        ("tests/integration/execution/test_symbol_forms.py",),
    ),
)
