"""Which refused alerts may have been the exit of what the strategy holds, by what was read."""

from datetime import timedelta

import pytest

from execution.models import Position
from fusion_project.events.clock import now
from fusion_project.incidents.models import Incident
from signals.intake.reasons import REFUSAL_RULES
from signals.models import Delivery
from signals.services.strategies import strategy_switch
from tests.builders.execution import desk_make
from tests.builders.signals import alert_received, entry_received, exit_received, strategy_built
from tests.factories.signals import BarFactory, CancelFactory, EntryFactory, ExitFactory

pytestmark = pytest.mark.django_db
ENTRIES_MAX = 3


@pytest.fixture
def built(db):
    return strategy_built(entries_per_minute_max=ENTRIES_MAX)


@pytest.fixture
def desk(built):
    made = desk_make(strategy=built.strategy)
    made.opened()
    return made


def _lost(run_handlers) -> list[str]:
    run_handlers()
    return [one.note for one in Incident.objects.filter(kind="exit.lost")]


def _expired(built, clock):
    return EntryFactory(at=now(), expires_at=int(now().timestamp() * 1000) - 1)


def _stale(built, clock):
    return EntryFactory(at=now() - timedelta(seconds=200))


def _from_future(built, clock):
    return EntryFactory(at=now() + timedelta(seconds=60))


def _switched_off(built, clock):
    strategy_switch(strategy_id=built.strategy.id, is_active=False)
    return EntryFactory(at=now())


def _closed_already(built, clock):
    entry = EntryFactory(at=now())
    exit_received(built, entry["trade_id"])
    return entry


def _too_many(built, clock):
    # The position's own entry counts.
    for _ in range(ENTRIES_MAX - 1):
        entry_received(built)
    return EntryFactory(at=now())


def _other_entry(built, clock):
    entry = EntryFactory(at=now())
    assert alert_received(built, entry).status == 202
    return {**entry, "sl": "1.08000"}


ENTRIES = {
    "expired": _expired,
    "stale": _stale,
    "from_future": _from_future,
    "strategy_inactive": _switched_off,
    "trade_closed_already": _closed_already,
    "rate_limited": _too_many,
    "id_conflict": _other_entry,
}


def test_every_rule_that_refuses_what_was_read_is_tried_here() -> None:
    assert ENTRIES.keys() == REFUSAL_RULES.keys()


@pytest.mark.parametrize("rule", ENTRIES)
def test_an_entry_that_was_read_is_no_lost_exit(built, desk, run_handlers, clock, rule) -> None:
    clock.set(now())
    answer = alert_received(built, ENTRIES[rule](built, clock))
    assert (answer.verdict, answer.reason) == ("refused", rule)
    assert Position.objects.filter(closed_at=None).exists()
    assert _lost(run_handlers) == []


def test_a_bar_that_was_read_is_no_lost_exit(built, desk, run_handlers) -> None:
    answer = alert_received(built, BarFactory(at=now() + timedelta(seconds=90)))
    assert (answer.verdict, answer.reason) == ("refused", "from_future")
    assert _lost(run_handlers) == []


def test_a_duplicate_is_no_lost_exit(built, desk, run_handlers) -> None:
    entry, leaving = EntryFactory(at=now()), ExitFactory(at=now(), trade_id="nobodys")
    for message in (entry, leaving):
        assert alert_received(built, message).verdict == "accepted"
        assert alert_received(built, message).verdict == "duplicate"
        again = alert_received(built, {**message, "sent_at": message["sent_at"] + 1000})
        assert again.verdict == "duplicate"
    assert _lost(run_handlers) == []


@pytest.mark.parametrize("factory", [ExitFactory, CancelFactory])
def test_what_lowers_risk_under_the_id_of_something_else_is_lost(
    built, desk, run_handlers, factory
) -> None:
    entry = EntryFactory(at=now())
    assert alert_received(built, entry).verdict == "accepted"
    answer = alert_received(built, factory(at=now(), id=entry["id"]))
    assert (answer.verdict, answer.reason) == ("refused", "id_conflict")
    (note,) = _lost(run_handlers)
    assert f"delivery {Delivery.objects.latest('id').id} was refused as id_conflict" in note


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty_body"),
        (b"\xff\xfe", "not_utf8"),
        (b'{"schema": "df.signal", "event": "ex', "not_json"),
        (b'{"hello": "there"}', "unknown_dialect"),
        (EntryFactory(event="leave"), "unknown_event"),
        # An entry by its own word; but what does not read whole is not believed in part.
        (EntryFactory(sl="1.09000"), "bracket_wrong_side"),
    ],
)
def test_what_could_not_be_read_may_have_been_the_exit(
    built, desk, run_handlers, body, reason
) -> None:
    answer = alert_received(built, body)
    assert (answer.verdict, answer.reason) == ("unreadable", reason)
    (note,) = _lost(run_handlers)
    assert f"was refused as {reason}" in note


def test_a_strategy_that_holds_nothing_has_lost_nothing(built, run_handlers) -> None:
    desk_make(strategy=built.strategy)
    assert alert_received(built, b"nonsense").verdict == "unreadable"
    assert _lost(run_handlers) == []
