"""Strict reading: whatever the bytes are, the answer is a value or a documented refusal."""

from __future__ import annotations

import hashlib
import json
import os
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.dialects.registry import stored_body
from signals.intake.parsing import (
    BODY_BYTES_MAX,
    Unreadable,
    blank_spans,
    parse_json,
    read_content,
)
from signals.intake.reasons import UNREADABLE

SHARED = Path(os.environ.get("FUSION_SHARED", Path(__file__).parents[4] / "shared"))
SUITE = SHARED / "data" / "json_test_suite"

# Valid JSON that our own limits refuse on purpose, and why.
REFUSED_BY_LIMIT = {
    "number_range": [
        "number",
        "number_double_close_to_zero",
        "number_real_capital_e",
        "number_real_exponent",
        "number_real_fraction_exponent",
        "object_extreme_numbers",
    ],
    "duplicate_key": ["object_duplicated_key", "object_duplicated_key_and_value"],
    "forbidden_character": [
        "object_escaped_null_in_key",
        "string_allowed_escapes",
        "string_escaped_control_character",
        "string_null_escape",
        "string_u+2028_line_sep",
        "string_u+2029_par_sep",
        "string_uescaped_newline",
        "string_unescaped_char_delete",
        "string_unicode_U+200B_ZERO_WIDTH_SPACE",
        "string_unicode_U+2064_invisible_plus",
        "string_with_del_character",
    ],
}


def code_of(text: str) -> str:
    with pytest.raises(Unreadable) as refused:
        parse_json(text)
    return refused.value.code


def test_a_plain_object_is_read_with_exact_decimals() -> None:
    assert parse_json('{"a": 1.10, "b": -7, "c": [null, true], "d": "x"}') == {
        "a": Decimal("1.10"),
        "b": -7,
        "c": [None, True],
        "d": "x",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "not_json"),
        ("{}{}", "not_json"),
        ("{'a':1}", "not_json"),
        ('{"a":1,}', "not_json"),
        ('{"a":NaN}', "not_a_number"),
        ('{"a":-Infinity}', "not_a_number"),
        ('{"a":1e400}', "number_range"),
        ('{"a":1e-400}', "number_range"),
        ('{"a":1e999999999999999999999}', "number_range"),
        ('{"a":' + "9" * 401 + "}", "number_range"),
        ('{"a":1234567890123456789}', "number_range"),
        ('{"a":1,"a":1}', "duplicate_key"),
        ('{"a":{"b":1,"\\u0062":2}}', "duplicate_key"),
        ("[" * 9 + "]" * 9, "too_deep"),
        ("[" * 100_000, "too_deep"),
        ('{"a":' * 100_000, "too_deep"),
        ('{"a":0.' + "0" * 30 + "1}", "number_range"),
        ('{"' + "x" * 257 + '":1}', "string_too_long"),
        ('{"a":"\\ud800"}', "lone_surrogate"),
        ('{"\\udfff":1}', "lone_surrogate"),
        ('{"a":"\\u0000"}', "forbidden_character"),
        ('{"a":"\\u202e"}', "forbidden_character"),
        ('{"a":"\u2066"}', "forbidden_character"),
        ('{"a":"\\u200b"}', "forbidden_character"),
        ("{" + ",".join(f'"k{n}":1' for n in range(65)) + "}", "too_many_keys"),
        ("[" + ",".join('{"a":1}' for _ in range(65)) + "]", "too_many_keys"),
    ],
)
def test_what_is_not_strict_json_is_refused_with_its_code(text: str, code: str) -> None:
    assert code_of(text) == code


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    assert parse_json('{"a":"[[[[[[[[[[[[","b":"\\"{{{{{{{{{{"}')["a"].startswith("[")


def test_eight_levels_and_sixty_four_keys_are_allowed() -> None:
    assert parse_json("[" * 8 + "]" * 8)
    assert len(parse_json("{" + ",".join(f'"k{n}":1' for n in range(64)) + "}")) == 64


def test_a_long_text_and_noise_of_a_binary_number_refuse_nothing_yet() -> None:
    assert parse_json('{"a":"' + "x" * 9_000 + '"}')["a"].startswith("xxx")
    assert parse_json('{"a":-12.340000000000002}') == {"a": Decimal("-12.340000000000002")}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"x" * (BODY_BYTES_MAX + 1), "too_large"),
        (b"\xff\xfe", "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (b"", "empty_body"),
        (b" \r\n", "empty_body"),
    ],
)
def test_bytes_that_no_dialect_takes_are_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_content(raw)
    assert refused.value.code == code


def test_text_that_is_not_json_is_kept_for_dialects_of_plain_text() -> None:
    content = read_content(b"buy EURUSD")
    assert not content.is_json
    assert content.text == "buy EURUSD"
    assert content.json_error is not None
    assert content.json_error.code == "not_json"


def test_a_newline_after_the_brace_changes_nothing() -> None:
    assert read_content(b'{"a":1}\r\n').data == {"a": 1}


def refusal_of(raw: bytes) -> str:
    """The refusal's code, or nothing where the bytes are JSON within the limits."""
    try:
        content = read_content(raw, bytes_max=1_000_000)
    except Unreadable as error:
        return error.code
    return content.json_error.code if content.json_error else ""


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")),
    )
)
def test_any_bytes_are_read_or_refused_and_never_raise_anything_else(raw: bytes) -> None:
    assert refusal_of(raw) in {"", *UNREADABLE}
    stored_body(raw, None, ["some-secret"])


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abcdef", max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(_json)
def test_json_within_the_limits_reads_as_it_was_written(value: object) -> None:
    text = json.dumps(value)
    assert refusal_of(text.encode()) in {"", "too_deep"}
    if refusal_of(text.encode()) == "":
        assert parse_json(text) == value


@pytest.mark.skipif(not SUITE.is_dir(), reason="json_test_suite is not beside the repository")
def test_the_public_json_test_suite_is_answered_as_it_demands_but_for_our_limits() -> None:
    answers = {file.stem: refusal_of(file.read_bytes()) for file in SUITE.glob("*.json")}
    assert len(answers) == 318
    assert all(code in UNREADABLE for code in answers.values() if code)
    assert [name for name, code in answers.items() if name.startswith("n_") and not code] == []
    refused = {(code, name[2:]) for name, code in answers.items() if name[0] == "y" and code}
    assert refused == {(code, one) for code, names in REFUSED_BY_LIMIT.items() for one in names}


def test_credentials_are_blanked_wherever_they_stand() -> None:
    raw = b'{"key": "s3cr\\"et", "a":1, "n":{"\\u006bey":"other"}}'
    assert stored_body(raw, None, ()) == (
        b'{"key": "[blanked]", "a":1, "n":{"\\u006bey":"[blanked]"}}'
    )


def test_credentials_are_blanked_in_bodies_that_are_not_json() -> None:
    assert stored_body(b'{"key":"abc', None, ()) == b'{"key":"[blanked]'
    assert stored_body(b'\xff{"key":12345}', None, ()) == b'\xff{"key":[blanked]}'


def test_the_path_secret_is_blanked_when_it_is_repeated_in_the_body() -> None:
    assert b"hunter2hunter2" not in stored_body(b'{"a":"hunter2hunter2"}', None, ["hunter2hunter2"])


def test_a_strategys_own_secret_is_blanked_under_any_name_and_within_any_text() -> None:
    secret = "Zk3-_abcdefghijklmnopqrstuvwxyz0"
    digests = [hashlib.sha256(secret.encode()).hexdigest()]
    for body in (f'{{"note":"{secret}"}}', f"x{secret}y, buy", f"{secret},buy,EURUSD"):
        assert secret.encode() not in stored_body(body.encode(), None, (), digests=digests)
    other = b'{"note":"Zk3-_abcdefghijklmnopqrstuvwxyz1"}'
    assert stored_body(other, None, (), digests=digests) == other


def test_a_member_that_people_named_as_a_credential_is_blanked() -> None:
    raw = b'{"ourWord":"HUSH","a":{"our_word":"HUSH"},"b":1}'
    blanked = stored_body(raw, read_content(raw), (), names={"ourword"})
    assert blanked == b'{"ourWord":"[blanked]","a":{"our_word":"[blanked]"},"b":1}'


def test_a_value_that_looks_like_the_name_is_left_alone() -> None:
    assert stored_body(b'{"a":"key","b":"x"}', None, ()) == b'{"a":"key","b":"x"}'


def test_byte_spans_are_blanked_once_each_and_in_order() -> None:
    assert blank_spans(b"60123,buy,EURUSD,secret=abc", [(24, 27), (0, 5), (2, 5)]) == (
        b"[blanked],buy,EURUSD,secret=[blanked]"
    )
    assert blank_spans("é,key".encode(), [(3, 6)]) == "é,[blanked]".encode()
    assert blank_spans(b"nothing", []) == b"nothing"
    assert blank_spans(b"0123456789", [(2, 4), (2, 8), (3, 5)]) == b"01[blanked]89"


@pytest.mark.parametrize("piece", [b'"a\\', b'"', b"[", b'"k":"', b"key=", b"  "])
def test_a_body_of_one_piece_repeated_is_looked_at_in_one_pass(piece: bytes) -> None:
    """Twice the bytes may not cost four times the work: this runs before authentication."""

    def steps(size: int) -> float:
        raw = (piece * size)[:size]
        started = time.perf_counter()
        refusal_of(raw)
        stored_body(raw, None, ())
        return time.perf_counter() - started

    # Quadratic work would take minutes at this size; one pass takes milliseconds.
    assert steps(400_000) < 20
