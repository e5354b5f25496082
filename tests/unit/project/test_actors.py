"""An actor has one of a few forms, the same to Python and to the tables."""

import pytest

from execution.rules.messages import ExecutorCaller
from execution.services import staging
from fusion_project.text.actors import (
    ActorUnknown,
    actor_check,
    actor_of_handler,
    actor_of_user,
    user_id_of,
)
from signals.services import asking
from tokens import handlers as of_tokens
from treasury import handlers as of_treasury


@pytest.mark.parametrize(
    "actor",
    [
        "system",
        "strategy:ema-cross_2",
        actor_of_user(7),
        actor_of_handler("treasury.post_deals"),
        ExecutorCaller(1, "0123456789ab", 1, ()).actor,
        asking.ACTOR,
        staging.ACTOR,
        of_tokens.ACTOR,
        of_treasury.ACTOR,
    ],
)
def test_what_acts_here_has_a_known_form(actor):
    assert actor_check(actor) == actor


@pytest.mark.parametrize(
    "actor",
    [
        "",
        "boss",
        "System",
        "system ",
        "system\n",
        "user:",
        "user:0",
        "user:ann",
        "user:7\n",
        "executor:x",
        "handler:treasury",
        "engine:test",
        "strategy:a b",
        "x system",
    ],
)
def test_any_other_text_is_refused(actor):
    with pytest.raises(ActorUnknown):
        actor_check(actor)


def test_nobody_is_no_person():
    with pytest.raises(ActorUnknown):
        actor_of_user(None)


def test_a_person_is_known_by_number_alone():
    assert user_id_of("user:7") == 7
    assert user_id_of("user:ann") is None
    assert user_id_of("executor:0123456789ab") is None
