"""The Expert Advisor's guide says what the source and the table of return codes say."""

import re
from pathlib import Path

from execution.rules.retcodes import ACTIONS, RETCODES

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "ea.md").read_text()
SOURCE = (ROOT / "mql5" / "Experts" / "FusionExecutor.mq5").read_text()
INPUTS = re.findall(r"^input \w+ +(\w+) = ([^;]+);\s*// (.+)$", SOURCE, re.MULTILINE)
PRESETS = sorted((ROOT / "mql5" / "setup" / "presets").glob("*.set"))


def rows_below(head: str) -> list[str]:
    lines = GUIDE[GUIDE.index(head) :].split("\n\n")[0].splitlines()
    return lines[2:]


def test_the_table_of_inputs_is_that_of_the_source() -> None:
    assert rows_below("| input |") == [
        f"| `{name}` | `{value}` | {label} |" for name, value, label in INPUTS
    ]


def test_the_handbook_is_the_table_of_return_codes() -> None:
    assert rows_below("| code | name |") == [
        f"| {code} | `{row.name}` | {row.meaning} | {ACTIONS[row.action]} |"
        for code, row in RETCODES.items()
    ]


def test_each_preset_sets_each_input_once() -> None:
    assert len(PRESETS) == 2
    for preset in PRESETS:
        lines = [one for one in preset.read_text().splitlines() if not one.startswith(";")]
        assert [one.partition("=")[0] for one in lines] == [name for name, _, _ in INPUTS]
