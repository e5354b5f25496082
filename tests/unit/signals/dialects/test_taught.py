"""Taught formats: read by places and tables, tried by their examples, never more than they say."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import signals
from signals.dialects.base import Reading, StrategyDefaults
from signals.dialects.common_trade import KNOWN
from signals.dialects.credentials import is_credential_name
from signals.dialects.format_checks import FormatWrong, asked_by, formats_check
from signals.dialects.format_guesses import MEANINGS, format_guessed
from signals.dialects.named_fields import key_of
from signals.dialects.published_formats import published_format, published_names
from signals.dialects.registry import body_credential, read_alert, stored_body
from signals.dialects.taught import format_of
from signals.intake.parsing import Unreadable, read_content
from signals.intents.summary import summary_of
from tests.unit.signals.dialects.test_closed_world import MANY, assert_no_other_risk

SOME = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
SCHEMA = json.loads((Path(signals.__file__).parent / "schemas" / "df.format.v1.json").read_text())

FOLDER = Path(__file__).parents[4] / "docs" / "examples" / "formats"
PIPES, NESTED, ARRAY, NAMED = ALL = [
    json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("pipes", "nested", "array", "named")
]


def outcome(body: str, *documents: dict[str, Any]) -> Reading | str:
    declared = StrategyDefaults("x", formats=tuple(format_of(one) for one in documents))
    try:
        return read_alert(read_content(body.encode()), declared)
    except Unreadable as error:
        return error.code


def asked(body: str, *documents: dict[str, Any]) -> str:
    found = outcome(body, *documents)
    return found if isinstance(found, str) else summary_of(found.intent)


def test_the_formats_are_good_and_fit_their_schema() -> None:
    formats_check(ALL)
    for document in ALL:
        jsonschema.validate(document, SCHEMA)


@pytest.mark.parametrize("document", ALL, ids=lambda one: one["name"])
def test_every_example_is_read_as_it_says(document: dict[str, Any]) -> None:
    for example in document["examples"]:
        found = outcome(example["body"], *ALL)
        assert isinstance(found, Reading)
        assert summary_of(found.intent) == example["asks"]
        assert found.dialect == format_of(document).title


def test_the_dialect_of_an_alert_names_the_document_that_it_was_read_by() -> None:
    changed = copy.deepcopy(PIPES)
    changed["members"][1]["why"] = "another"
    titles = {format_of(one).title for one in (PIPES, changed)}
    assert len(titles) == 2
    assert all(len(title) <= 40 for title in titles)


def test_an_entry_in_another_form_is_refused_and_an_exit_passes() -> None:
    assert asked('{"symbol": "EURUSD", "side": "buy"}', PIPES) == "not_in_format"
    assert asked('{"symbol": "EURUSD", "action": "close"}', PIPES) == "exit any EURUSD"
    assert asked('{"symbol": "EURUSD", "action": "test"}', PIPES) == "test"
    assert asked("S3CRET-17|trend|buy", PIPES) == "unknown_text"


def test_a_further_part_of_a_text_is_a_member_that_nobody_knows() -> None:
    assert asked("S3CRET-17|trend|buy|EURUSD|more", PIPES) == "unknown_member"
    assert asked("S3CRET-17|trend|long_out|EURUSD|more", PIPES) == "exit sell EURUSD"
    assert asked("S3CRET-17|trend|buy|EURUSD|", PIPES) == "entry buy EURUSD"


def test_a_member_without_a_place_refuses_an_entry_and_no_exit() -> None:
    entry, closing = (json.loads(one["body"]) for one in NESTED["examples"])
    assert asked(json.dumps({**entry, "mine": 1}), NESTED) == "unknown_member"
    assert asked(json.dumps({**closing, "mine": 1}), NESTED) == "exit sell OANDA:EURUSD"
    two = '[{"do": "LONG_ENTRY", "what": "EURUSD"}, {"do": "OUT", "what": "EURUSD"}]'
    assert asked(two, ARRAY) == "unknown_member"


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_a_needed_member_that_says_nothing_is_missing(nothing: Any) -> None:
    entry = json.loads(NESTED["examples"][0]["body"])
    body = json.dumps({**entry, "stop": {"offset": nothing}})
    # No format claims it, and no dialect makes an entry of it.
    assert asked(body, NESTED) == "no_symbol"


def test_a_message_that_fits_two_formats_is_read_by_the_one_that_knows_each_member() -> None:
    less = copy.deepcopy(NAMED)
    less["name"], less["members"] = "less", less["members"][:2]
    with pytest.raises(FormatWrong, match="named and less could both fit"):
        formats_check([NAMED, less])
    other = copy.deepcopy(NAMED)
    other["name"] = "other"
    other["members"][0]["values"] = {"leer": "exit"}
    other["members"][2]["optional"] = False
    other["examples"] = [
        {"body": "was=leer;markt=EURUSD;menge=1", "asks": "partial_exit any EURUSD lots=1"}
    ]
    formats_check([NAMED, other])
    assert asked("was=leer;markt=EURUSD;menge=1", NAMED, other).startswith("partial_exit")
    assert asked("was=kauf;markt=EURUSD;menge=1", NAMED, other) == "entry buy EURUSD lots=1"


def test_the_last_parts_of_a_text_may_be_missing() -> None:
    longer = copy.deepcopy(PIPES)
    longer["members"].append({"at": "4", "says": "lots", "optional": True})
    longer["examples"].append(
        {"body": "S3CRET-17|trend|buy|EURUSD|0.1", "asks": "entry buy EURUSD lots=0.1"}
    )
    formats_check([longer])


def test_a_word_without_a_row_is_refused() -> None:
    assert asked("S3CRET-17|trend|hodl|EURUSD", PIPES) == "unknown_event"


def test_a_credential_in_its_place_is_blanked() -> None:
    formats = [format_of(one) for one in ALL]
    for document in (PIPES, NESTED):
        raw = document["examples"][0]["body"].encode()
        assert b"S3CRET" not in stored_body(raw, read_content(raw), (), formats=formats)
    assert format_of(PIPES).credential(read_content(b"S3CRET-17|t|buy|EURUSD")) == "S3CRET-17"


def test_who_sent_a_message_that_lacks_something_is_known_all_the_same() -> None:
    formats = [format_of(one) for one in (NAMED, PIPES)]
    assert body_credential(read_content(b"S3CRET-17|trend|long_out"), formats) == "S3CRET-17"
    assert body_credential(read_content(b"was=kauf;markt=EURUSD"), formats) == ""
    assert body_credential(read_content(b'{"secret": "HUSH", "symbol": "X"}'), formats) == "HUSH"


def _paths(data: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    found = []
    for key, value in inner:
        if isinstance(key, str):
            found.append((*at, key))
        if isinstance(value, dict | list):
            found += _paths(value, (*at, key))
    return found


def _changed(data: Any, path: tuple[Any, ...], name: str | None) -> Any:
    if len(path) == 1:
        kept = {key: value for key, value in data.items() if key != path[0]}
        return kept if name is None else {**kept, name: data[path[0]]}
    inner = copy.copy(data)
    inner[path[0]] = _changed(inner[path[0]], path[1:], name)
    return inner


PUBLISHED = [published_format(name) or {} for name in published_names()]
CASES = [
    (document, example["body"])
    for document in [*ALL, *PUBLISHED]
    for example in document["examples"]
]
NAMES = st.one_of(
    st.none(), st.sampled_from(sorted(KNOWN)), st.text("abcxyz", min_size=3, max_size=8)
)


def _needed(document: dict[str, Any]) -> set[str]:
    """Places that every message of the format needs and that say something of the trade."""
    return {
        one["at"]
        for one in document["members"]
        if not one.get("optional") and one["says"] not in ("ignored", "credential")
    }


def _without(document: dict[str, Any], body: str, data: st.DataObject, name: str | None) -> str:
    """The message with one needed member, or what holds one, removed or under another name."""
    needed = _needed(document)
    if "separator" not in document:
        whole = json.loads(body)
        held = {path: f"/{'/'.join(map(str, path))}" for path in _paths(whole)}
        paths = [
            path
            for path, at in held.items()
            if at in needed or any(one.startswith(f"{at}/") for one in needed)
        ]
        return json.dumps(_changed(whole, data.draw(st.sampled_from(paths)), name))
    sign, assign = document["separator"], document.get("assign")
    parts = body.split(sign)
    keys = [str(n) if not assign else part.partition(assign)[0] for n, part in enumerate(parts)]
    bare = [part for part in parts if assign and assign not in part]
    keys = [str(bare.index(key)) if key in bare else key for key in keys]
    chosen = data.draw(st.sampled_from([n for n, key in enumerate(keys) if key in needed]))
    if name is None or not assign or assign not in parts[chosen]:
        return sign.join(parts[:chosen] + parts[chosen + 1 :])
    renamed = f"{name}{assign}{parts[chosen].partition(assign)[2]}"
    return sign.join([*parts[:chosen], renamed, *parts[chosen + 1 :]])


def _check_without(case: tuple[dict[str, Any], str], data: st.DataObject, name: str | None) -> None:
    document, body = case
    assume(name is None or not is_credential_name(name))
    assert_no_other_risk(
        outcome(body, document), outcome(_without(document, body, data, name), document)
    )


@SOME
@given(st.sampled_from(CASES), st.data(), NAMES)
def test_a_member_removed_or_under_another_name_adds_no_risk(
    case: tuple[dict[str, Any], str], data: st.DataObject, name: str | None
) -> None:
    _check_without(case, data, name)


@pytest.mark.long
@MANY
@given(st.sampled_from(CASES), st.data(), NAMES)
def test_ten_thousand_members_removed_or_renamed_under_a_format_add_no_risk(
    case: tuple[dict[str, Any], str], data: st.DataObject, name: str | None
) -> None:
    _check_without(case, data, name)


@SOME
@given(st.sampled_from(ALL), st.data(), st.text("abcxyz", min_size=3, max_size=8))
def test_a_member_added_adds_no_risk(
    document: dict[str, Any], data: st.DataObject, name: str
) -> None:
    example = data.draw(st.sampled_from(document["examples"]))
    body = example["body"]
    if body[0] == "{":
        body = json.dumps({**json.loads(body), name: data.draw(st.sampled_from([True, 0, "x"]))})
    else:
        body = f"{body}{document.get('separator', ' ')}{name}=1"
    assert_no_other_risk(outcome(example["body"], document), outcome(body, document))


def _with(document: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**copy.deepcopy(document), **members}


def _member(document: dict[str, Any], number: int, **told: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    changed["members"][number] |= told
    return changed


_OPTIONAL = {"at": "/nowhere", "says": "qty", "optional": True}


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        ({}, "must be a list"),
        ([PIPES] * 9, "at most 8"),
        ([PIPES, PIPES], "Two formats have one name"),
        ([PIPES, _with(PIPES, name="other")], "pipes and other could both fit one message"),
        ([_with(PIPES, v=2)], "v must be 1"),
        ([_with(PIPES, name="Pipes")], "name is small letters"),
        ([_with(PIPES, separator="||||")], "separator is one or two"),
        ([_with(PIPES, script="x=1")], "A format is an object of"),
        ([_member(PIPES, 2, says="colour")], "nothing knows what 'colour' says"),
        ([_member(PIPES, 3, says="action")], "Two members have says action"),
        ([_member(PIPES, 1, why="")], "is ignored and needs a why"),
        ([_member(PIPES, 2, values={"BUY": "buy", "buy": "sell"})], "'buy' means buy and sell"),
        ([_member(PIPES, 2, values={"BUY": "hodl"})], "'hodl' is no action"),
        ([_member(PIPES, 3, at="7")], "at is 3"),
        ([_member(NESTED, 0, at="cmd")], "at is a JSON Pointer"),
        ([_member(NESTED, 4, at="/nowhere")], "asks for unknown_member"),
        (
            [_with(NESTED, members=[*NESTED["members"], _OPTIONAL])],
            "nested: no example has /nowhere",
        ),
        ([_with(NESTED, constants={"symbol": "EURUSD"})], "a member says it"),
        ([_with(PIPES, examples=[])], "examples is a list of 1 to 16"),
        (
            [_with(PIPES, examples=[{"body": "S|t|buy|EURUSD", "asks": "exit sell EURUSD"}])],
            "example 1 asks for entry buy EURUSD, not for exit sell EURUSD",
        ),
        ([_with(PIPES, examples=[{"body": "S|t|buy", "asks": "x"}])], "does not fit this format"),
        ([_member(PIPES, 0, optional=True)], "only the last ones are optional"),
        ([_with(PIPES, examples=[{"body": "x" * 4000, "asks": "x"}] * 5)], "at most 16 KiB"),
    ],
)
def test_a_format_that_cannot_be_is_refused_with_the_line(documents: Any, words: str) -> None:
    with pytest.raises(FormatWrong, match=words):
        formats_check(documents)


@SOME
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(
                st.sampled_from(["v", "name", "members", "examples", "at", "says", "values"]),
                inner,
                max_size=5,
            ),
        ),
        max_leaves=10,
    )
)
def test_any_document_is_kept_or_refused_in_words(document: Any) -> None:
    try:
        formats_check([document])
    except FormatWrong:
        return
    jsonschema.validate(document, SCHEMA)


@pytest.mark.parametrize("document", [NESTED, ARRAY, NAMED], ids=lambda one: one["name"])
def test_the_linter_guesses_what_it_can_from_two_examples(document: dict[str, Any]) -> None:
    guessed = format_guessed(document["name"], [one["body"] for one in document["examples"]])
    places = {one["at"]: one for one in guessed["members"]}
    assert {one["at"] for one in document["members"] if one["says"] != "ignored"} <= set(places)
    assert guessed.get("separator") == document.get("separator")
    if document is NESTED:
        assert (places["/amount"]["says"], places["/amount"]["optional"]) == ("?", True), "no unit"
        assert places["/stop/offset"]["says"] == "?", "no unit"
        assert places["/door"]["says"] == "credential"
        assert places["/cmd/way"]["says"] == "?"
    with pytest.raises(FormatWrong):
        formats_check([guessed])


@SOME
@given(st.lists(st.one_of(st.text(max_size=200), st.sampled_from(["{}", "[[1]]", "a|b", "x=1;y"]))))
def test_any_pasted_text_is_guessed_or_refused(bodies: list[str]) -> None:
    try:
        document = format_guessed("x", bodies)
    except FormatWrong:
        return
    assert document["v"] == 1


@pytest.mark.parametrize("name", published_names())
def test_a_published_format_reads_its_examples_as_it_says(name: str) -> None:
    document = published_format(name)
    assert document is not None
    jsonschema.validate(document, SCHEMA)
    formats_check([document])
    assert document["source"].startswith("https://")


def test_the_published_formats_do_not_take_each_others_messages() -> None:
    formats_check([published_format(name) for name in published_names()])
    assert published_format("../schemas/df.format.v1") is None


def test_words_beside_named_values_are_counted() -> None:
    own = format_of(published_format("tradingconnector") or {})
    found = own.found(read_content(b"long tradesymbol=EURUSD lotsize=0.1"))
    assert found == {"0": "long", "tradesymbol": "EURUSD", "lotsize": "0.1"}


def test_what_a_person_may_choose_is_known_to_the_reader() -> None:
    for group in MEANINGS.values():
        for one in group:
            assert key_of(one) in KNOWN or one in ("credential", "ignored"), one


def test_a_long_message_is_read_in_one_pass() -> None:
    own = format_of(PIPES)
    assert not own.claims(read_content(("|" * 16_000).encode()))
    assert asked_by(own, read_content(b"S|t|buy|" + b"E" * 900)) == "string_too_long"
