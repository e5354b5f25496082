"""Members of a message explained: what is required follows the schema's own conditions."""

import pytest

from fusion_project.community.presenting.message_fields import (
    fields_common,
    fields_own,
    fields_unused,
    required_names,
)

SCHEMA = {
    "required": ["event", "bar_time"],
    "properties": {
        "event": {"enum": ["entry", "amend"], "description": "What happened."},
        "bar_time": {"type": "integer", "description": "When the bar opened."},
        "order_type": {"enum": ["market", "stop"]},
        "stop_price": {"type": "string", "description": "Where the order waits."},
        "format": {"const": "x.y"},
        "amend": {
            "description": "What changes.",
            "properties": {"sl": {"description": "The new stop."}},
        },
    },
    "allOf": [
        {
            "if": {"properties": {"event": {"const": "entry"}}},
            "then": {
                "required": ["order_type"],
                "propertyNames": {"enum": ["event", "bar_time", "order_type", "stop_price"]},
                "allOf": [
                    {
                        "if": {"properties": {"order_type": {"enum": ["stop"]}}},
                        "then": {"required": ["stop_price"]},
                    }
                ],
            },
            "else": {"required": ["amend"]},
        }
    ],
}
STOP = {"event": "entry", "bar_time": 1_736_225_100_123, "order_type": "stop", "stop_price": "1.5"}


def test_what_is_required_follows_the_event_and_the_order() -> None:
    assert required_names(SCHEMA, STOP) == {"event", "bar_time", "order_type", "stop_price"}
    market = {**STOP, "order_type": "market"}
    assert required_names(SCHEMA, market) == {"event", "bar_time", "order_type"}
    assert required_names(SCHEMA, {"event": "amend"}) == {"event", "bar_time", "amend"}


def test_common_members_and_those_of_the_event_are_told_apart() -> None:
    assert [one.name for one in fields_common(SCHEMA, STOP)] == ["event", "bar_time"]
    assert [one.name for one in fields_own(SCHEMA, STOP)] == ["order_type", "stop_price"]


def test_a_time_is_told_in_utc_beside_its_milliseconds() -> None:
    field = fields_common(SCHEMA, STOP)[1]
    assert field.value == "1736225100123"
    assert field.note == "07 Jan 2025 04:45:00.123 UTC"
    assert field.meaning == "When the bar opened."


def test_members_of_a_member_have_their_own_line() -> None:
    own = fields_own(SCHEMA, {"event": "amend", "bar_time": 1, "amend": {"sl": None}})
    assert [(one.name, one.value, one.meaning) for one in own] == [
        ("amend", '{"sl": null}', "What changes."),
        ("amend.sl", "null", "The new stop."),
    ]
    assert [one.is_required for one in own] == [True, False]


@pytest.mark.parametrize(
    ("member", "value", "meaning"),
    [
        ("order_type", "stop", "One of market, stop."),
        ("format", "x.y", "Always x.y."),
        ("stranger", "1", ""),
    ],
)
def test_without_a_description_the_rule_itself_speaks(member, value, meaning) -> None:
    assert fields_own(SCHEMA, {"event": "entry", member: value})[-1].meaning == meaning


def test_members_that_the_event_may_have_too_are_named() -> None:
    market = {"event": "entry", "bar_time": 1, "order_type": "market"}
    assert fields_unused(SCHEMA, market) == ["stop_price"]
