"""Bytes from outside are shown whole: what hides is named, what is no text is hex."""

from hypothesis import given
from hypothesis import strategies as st

from fusion_project.text.raw_bytes import hex_dump, visible_runs


def test_plain_text_is_one_run_and_a_line_feed_stays_one() -> None:
    assert visible_runs("größer\nzwei".encode()) == [
        ("größer", False),
        ("↵", True),
        ("\nzwei", False),
    ]


def test_what_hides_or_turns_the_text_is_named() -> None:
    raw = "a\u202eb\u200bc\0d\u00ade".encode() + b"\xff\r\t"
    assert [name for name, hidden in visible_runs(raw) if hidden] == [
        "U+202E",
        "U+200B",
        "␀",
        "U+00AD",
        "\\xff",
        "␍",
        "⇥",
    ]


def test_what_looks_like_a_space_or_like_nothing_is_named() -> None:
    raw = "a b\u00a0c\u2003d\u3164e\u2800f\ufe0fg\u3000".encode()
    assert [name for name, hidden in visible_runs(raw) if hidden] == [
        "U+00A0",
        "U+2003",
        "U+3164",
        "U+2800",
        "U+FE0F",
        "U+3000",
    ]
    assert "".join(text for text, hidden in visible_runs(raw) if not hidden) == "a bcdefg"


@given(st.binary(max_size=300))
def test_no_run_that_is_shown_as_it_is_holds_anything_hidden(raw) -> None:
    for text, hidden in visible_runs(raw):
        if not hidden:
            assert text.replace("\n", "").isprintable()
        assert not any("\ud800" <= character <= "\udfff" for character in text)


def test_the_dump_holds_every_byte_in_rows_of_sixteen() -> None:
    lines = hex_dump(bytes(range(40))).split("\n")
    assert [line[:4] for line in lines] == ["0000", "0010", "0020"]
    assert lines[2].startswith("0020  20 21 22 23 24 25 26 27")
    assert lines[2].endswith("  !\"#$%&'")
    assert hex_dump(b"") == ""
