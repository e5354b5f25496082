"""Guards of models that are asked: what they may cost, what of them is believed, what they hear."""

from tests.guards.guard import Guard

_ASKED = ("tests/integration/signals/test_models_asked.py",)
_RACES = ("tests/race/signals/test_spend_races.py",)
_LOBE = ("tests/unit/signals/test_model_lobe.py",)
_PROMPTS = ("tests/integration/signals/test_prompts_hold_no_words.py",)
_ONLINE = ("tests/integration/signals/test_online.py",)
_CALLING = "signals/services/calling.py"
_OUTSIDE = "signals/lobes/outside/"

MODELS_ASKED = (
    Guard(
        "models: a day's cap is never passed (function)",
        "signals/sql/spending.sql",
        "WHERE s.usd + excluded.usd <= p_cap",
        "WHERE true",
        _RACES,
        in_database=True,
    ),
    Guard(
        "models: over the cap nobody is asked",
        _CALLING,
        "if budget.taken > 0 and budget.day is None:",
        "if False:",
        _ASKED,
    ),
    Guard(
        "models: who has spoken is not asked and paid again",
        _CALLING,
        "if opinion_of(question, lobe) is not None:",
        "if False:",
        _ASKED,
    ),
    Guard(
        "models: an answer is bounded bytes",
        f"{_OUTSIDE}client.py",
        "if seen > REPLY_BYTES_MAX:",
        "if False:",
        _LOBE,
    ),
    Guard(
        "models: another model's name is no answer",
        f"{_OUTSIDE}replies.py",
        "if not isinstance(model, str) or not endpoint.is_its_name(model):",
        "if not isinstance(model, str):",
        _LOBE,
    ),
    Guard(
        "models: nobody knows 0 or 100",
        f"{_OUTSIDE}replies.py",
        "if not 0 < told < 100:",
        "if not 0 <= told <= 100:",
        _LOBE,
    ),
    Guard(
        "models: the deadline ends what drips",
        f"{_OUTSIDE}lobe.py",
        "async with asyncio.timeout(self._endpoint.seconds_max):",
        "async with asyncio.timeout(3_600):",
        _LOBE,
    ),
    Guard(
        "models: who says the same to both is marked",
        f"{_OUTSIDE}lobe.py",
        "says_same = wins.reply.p == fails.reply.p",
        "says_same = False",
        _LOBE,
    ),
    Guard(
        "models: no word of an alert in a prompt",
        f"{_OUTSIDE}prompts.py",
        'f"A trader {_SIDES[question.side]} {_ORDERS[question.order_type]}.",',
        'f"A trader {_SIDES[question.side]} {question.instrument}.",',
        _PROMPTS,
    ),
    Guard(
        "models: a quorum counts on no lobe without a key",
        "signals/services/policy_rules.py",
        "if policy.quorum > len(asked - asleep):",
        "if policy.quorum > len(asked):",
        _ASKED,
    ),
    Guard(
        "models: a key goes to another machine by TLS alone",
        "fusion_project/environment.py",
        'if has_key and parts.scheme == "http" and not is_this_machine(parts.hostname):',
        "if False:",
        ("tests/unit/project/test_model_settings.py",),
    ),
    Guard(
        "doorbell: a worker's own is one too",
        "fusion_project/events/doorbell.py",
        'limits = {"time_limit": None, "soft_time_limit": None}',
        "limits: dict[str, None] = {}",
        ("tests/unit/project/test_broker.py",),
    ),
    Guard(
        "turns: what lowers risk is staged before entries that came first",
        "fusion_project/events/work.py",
        "ORDER BY e.detail LIKE %s, h.due_at, h.id LIMIT",
        "ORDER BY (e.detail LIKE %s) IS NULL, h.due_at, h.id LIMIT",
        ("tests/integration/events/test_work.py",),
    ),
    Guard(
        "online: no label counts that became known after the alert",
        "signals/selectors/online.py",
        "if kept is None or (kept.known_at is not None and kept.known_at >= known_until):",
        "if kept is None:",
        _ONLINE,
    ),
)
