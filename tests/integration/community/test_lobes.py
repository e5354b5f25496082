"""The score-board of the lobes: the same figures for staff and public, as of one moment."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fusion_project.community.policy import PUBLIC_DELAY_SECONDS
from fusion_project.events.clock import now
from signals.models import FusionScore, FusionState, Opinion
from signals.selectors.lately import lately_read
from signals.selectors.scoreboard import scoreboard_families, scoreboard_get
from signals.services.labels import labels_write
from tests.builders.pages import client_of, staff_make
from tests.builders.signals import BuiltStrategy, entry_decided, strategy_built
from tests.integration.signals.conftest import NOON
from tests.integration.signals.test_learning import LOSS, POLICY, WIN, bars_come, ended

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def fed(clock: Any) -> BuiltStrategy:
    """A strategy whose bars an executor tells; one bar came before."""
    clock.set(NOON)
    built = strategy_built(**POLICY)
    bars_come(1)
    return built


def taught(built: BuiltStrategy, clock: Any, *bars: dict[str, str]) -> None:
    for bar in bars:
        ended(built, clock, **bar)
        clock.advance(seconds=1)


def text_of(client: Any, address: str) -> str:
    cache.clear()
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_before_the_first_label_the_page_says_when_there_will_be_something(client: Any) -> None:
    assert "Nothing is learned yet" in text_of(client, "/lobes/")


def test_the_public_page_has_what_staff_see_with_the_delay(
    fed: BuiltStrategy, clock: Any, client: Any
) -> None:
    taught(fed, clock, WIN, LOSS, WIN)
    clock.advance(seconds=PUBLIC_DELAY_SECONDS + 1)
    public = text_of(client, "/lobes/")
    staff = text_of(client_of(staff_make("viewer")), "/ops/lobes/")
    for words in (
        "2 of 3 entries with a known outcome would have won",
        "base rate",
        "ln 2N + ln T",
    ):
        assert words in public
        assert words in staff
    taught(fed, clock, WIN)
    assert "2 of 3 entries" in text_of(client, "/lobes/")
    clock.advance(seconds=PUBLIC_DELAY_SECONDS + 1)
    assert "3 of 4 entries" in text_of(client, "/lobes/")


def test_figures_are_those_of_the_decisions(fed: BuiltStrategy, clock: Any) -> None:
    taught(fed, clock, WIN, LOSS, WIN, LOSS, WIN)
    (family,) = scoreboard_families(recorded_until=now())
    board = scoreboard_get(family=family, recorded_until=now())
    assert board is not None
    assert (board.labels, board.counted, board.wins) == (5, 5, 3)
    assert sum((one.weight for one in board.lobes), Decimal(0)) == pytest.approx(1, abs=1e-5)
    lately = {one.lobe: one.lately for one in board.lobes}
    assert lately["base_rate"] is not None
    assert lately["base_rate"].answers == 5
    assert lately["base_rate"].awake == 5
    assert all(one.bound is None or one.value <= one.bound for one in board.regrets)
    # The declared chance decided at first: 0.6 of a win, three of five won.
    decided = board.forecasters[0]
    assert decided.labels == 5
    assert decided.nats is not None
    assert Decimal("0.5") < decided.nats < Decimal("0.8")


def test_bounds_say_what_it_cost_that_outcomes_came_late(
    fed: BuiltStrategy, clock: Any, client: Any
) -> None:
    # A high long ago leaves room above, so that a second lobe says something else than the first.
    bars_come(1, since=NOON - 59 * MINUTE, high="1.0873")
    bars_come(57, since=NOON - 58 * MINUTE)
    clock.advance(seconds=1)
    for _ in range(4):
        entry_decided(fed)
        clock.advance(seconds=1)
    clock.set(NOON + 2 * MINUTE)
    bars_come(2, **LOSS)
    assert labels_write() == 4
    (family,) = scoreboard_families(recorded_until=now())
    board = scoreboard_get(family=family, recorded_until=now())
    assert board is not None
    assert board.late is not None
    # What the first ones taught would have made the later ones lose less.
    assert board.late > 0
    assert all(one.bound is None or one.value <= one.bound for one in board.regrets)
    clock.advance(seconds=PUBLIC_DELAY_SECONDS + 1)
    assert "up to 3 were open at a time, which cost" in text_of(client, "/lobes/")


def test_a_late_answer_is_scored_in_shadow(fed: BuiltStrategy, clock: Any) -> None:
    decision = entry_decided(fed)
    Opinion.objects.create(
        alert=decision.alert,
        leg_no=decision.leg_no,
        lobe="model",
        lobe_version="1",
        status="late",
        p=Decimal("0.5"),
        evidence=0,
        eps=Decimal("0.05"),
        latency_ms=12_000,
        created_at=now(),
    )
    clock.advance(minutes=1)
    bars_come(1, **WIN)
    labels_write()
    lately = lately_read("ema-cross", 600, recorded_until=now())
    model = lately.lobes["model", "1"]
    assert (model.late, model.awake, model.slow_ms) == (1, 0, 12_000)
    assert model.late_nats == Decimal("0.693147")


def test_a_page_costs_as_many_queries_after_many_labels_as_after_few(
    fed: BuiltStrategy, clock: Any, client: Any
) -> None:
    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as told:
            assert client.get("/lobes/").status_code == 200
        return len(told)

    taught(fed, clock, WIN)
    clock.advance(seconds=PUBLIC_DELAY_SECONDS + 1)
    few = queries()
    taught(fed, clock, *[WIN, LOSS] * 6)
    clock.advance(seconds=PUBLIC_DELAY_SECONDS + 1)
    assert queries() == few


def test_families_are_chosen_by_key_and_an_odd_one_shows_the_first(
    fed: BuiltStrategy, clock: Any, client: Any
) -> None:
    other = strategy_built("other", **POLICY)
    taught(fed, clock, WIN)
    taught(other, clock, LOSS)
    clock.advance(seconds=PUBLIC_DELAY_SECONDS + 1)
    keys = [one.key for one in scoreboard_families(recorded_until=now())]
    assert "0 of 1 entries" in text_of(client, f"/lobes/?family={keys[1]}")
    for odd in ("99999", "x", "%00", "1" * 400):
        assert "1 of 1 entries" in text_of(client, f"/lobes/?family={odd}")


def test_a_slug_is_told_to_staff_alone(fed: BuiltStrategy, clock: Any, client: Any) -> None:
    taught(fed, clock, WIN)
    fed.strategy.refresh_from_db()
    type(fed.strategy).objects.filter(id=fed.strategy.id).update(
        name="The cross", version=fed.strategy.version + 1
    )
    clock.advance(seconds=PUBLIC_DELAY_SECONDS + 1)
    assert "The cross" in text_of(client, "/lobes/")
    assert "ema-cross" not in text_of(client, "/lobes/")
    assert "ema-cross" in text_of(client_of(staff_make("viewer")), "/ops/lobes/")


def test_scores_follow_their_state_and_never_change(fed: BuiltStrategy, clock: Any) -> None:
    taught(fed, clock, WIN, LOSS)
    assert FusionScore.objects.count() == FusionState.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        FusionScore.objects.update(value="{}")
    with pytest.raises(DatabaseError), transaction.atomic():
        FusionScore.objects.all().delete()
    newest = FusionScore.objects.get(state__version=2)
    assert json.loads(newest.value)["wins"] == 1


def test_a_decision_tells_how_far_its_lobes_disagree(fed: BuiltStrategy, clock: Any) -> None:
    bars_come(60, since=now() - 61 * MINUTE)
    clock.advance(seconds=1)
    decision = entry_decided(fed)
    awake = [one for one in json.loads(decision.inputs or "")["inputs"]["opinions"] if one["p"]]
    shown = text_of(client_of(staff_make("viewer")), f"/ops/decisions/{decision.id}/")
    assert ("Disagreement" in shown) == (len(awake) > 1)
