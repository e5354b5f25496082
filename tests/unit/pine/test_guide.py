"""`docs/pine.md` tells the truth: its example passes the lint, and it names what there is."""

from __future__ import annotations

import re

from tests.unit.pine.planting import ROOT, STEMS, codes, source_of

GUIDE = (ROOT / "docs" / "pine.md").read_text()
SIGNALS = re.compile(r"^(\w+Signal)\((.*)\) =>$", re.M)


def test_the_example_of_an_own_script_passes_the_lint() -> None:
    [example] = re.findall(r"```pine\n(.*?)```", GUIDE, re.S)
    frame, _, _ = source_of("df-channel").partition("// The channels end one bar ago")
    assert codes("df-channel", frame + example) == set()


def test_every_function_of_the_helper_block_that_sends_is_explained() -> None:
    for name, parameters in SIGNALS.findall(source_of("df-trend")):
        names = ", ".join(one.split()[-1] for one in parameters.split(", ") if one)
        assert f"`{name}({names})`" in GUIDE


def test_every_script_is_listed_with_what_it_sends() -> None:
    for stem in STEMS:
        [row] = re.findall(rf"^\| `{stem}` \| (\w+) \|.*\| ([\w, ]+) \|$", GUIDE, re.M)
        kind, sends = row
        assert f"\n{kind}(" in source_of(stem)
        assert sends
