"""A Pine script's own words: header, kind and inputs, whatever stands inside of a string."""

import pytest

from fusion_project.community.presenting.pine_source import source_parse

SCRIPT = """//@version=6
// Demo: shows how it is read.
//
// Idea: first line of the idea,
// second line of it.
//
// What else there is. Guide: docs/pine.md. Where the alerts go: docs/architecture.md.
strategy("DF Demo", overlay = true)

string SCRIPT = "df-demo"
string VERSION = "2.3.4"
string GROUP = "One group"
int length = input.int(9, "Length, bars", minval = 2, maxval = 200, group = GROUP,
     tooltip = "A (bracket, and a \\"quote\\") inside.")
string side = input.string("both", "Side", options = ["both", "long (only)"], group = "Other")
float share = input.float(defval = 0.5, title = 'Share', minval = 0.1)
// Not the header any more.
plot(close)
"""


def test_the_first_comment_line_is_the_title_and_its_parts() -> None:
    source = source_parse(SCRIPT)
    assert source.title == "Demo: shows how it is read"
    assert (source.name, source.summary) == ("Demo", "Shows how it is read")


def test_comment_blocks_become_paragraphs_without_pointers_to_files() -> None:
    assert source_parse(SCRIPT).paragraphs == (
        "First line of the idea, second line of it.",
        "What else there is.",
    )


def test_a_paragraph_of_pointers_alone_is_left_out() -> None:
    source = source_parse("//@version=6\n// A: b.\n//\n// Guide: docs/pine.md.\nindicator('x')\n")
    assert source.paragraphs == ()


def test_kind_version_and_length_are_read() -> None:
    source = source_parse(SCRIPT)
    assert source.is_strategy
    assert source.version == "2.3.4"
    assert source.line_count == 18
    assert not source_parse(SCRIPT.replace("strategy(", "indicator(")).is_strategy


def test_an_input_is_read_over_lines_and_past_brackets_in_its_texts() -> None:
    length = source_parse(SCRIPT).inputs[0]
    assert (length.group, length.title, length.kind) == ("One group", "Length, bars", "int")
    assert (length.default, length.allowed) == ("9", "2 to 200")
    assert length.tooltip == 'A (bracket, and a "quote") inside.'


def test_options_named_arguments_and_half_open_ranges_are_read() -> None:
    _, side, share = source_parse(SCRIPT).inputs
    assert (side.default, side.allowed, side.group) == ("both", "both, long (only)", "Other")
    assert (share.title, share.default, share.allowed) == ("Share", "0.5", "from 0.1")


@pytest.mark.parametrize("text", ["", "//@version=6", "plot(close)", "//@version=6\nplot(close)\n"])
def test_what_a_script_does_not_say_stays_empty(text) -> None:
    source = source_parse(text)
    assert (source.title, source.paragraphs, source.inputs) == ("", (), ())


def test_a_call_that_never_closes_does_no_harm() -> None:
    inputs = source_parse('//@version=6\nint a = input.int(1, "Open').inputs
    assert inputs[0].default == "1"
