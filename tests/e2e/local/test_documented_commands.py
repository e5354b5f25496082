"""Every documented command does what its page says, on one trial installation."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT
from tests.drills.trial import Trial
from tests.e2e.documented.kinds import LeftOut, Run
from tests.e2e.documented.listed import COMMANDS
from tests.e2e.documented.reading import documented

pytestmark = pytest.mark.long
SECONDS_MAX = 300
TEXTS = documented()


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with Trial(env={"SAMPLE_MARKET": "off"}) as one:
        yield one


def script_of(key: str, trial: Trial) -> str:
    """The shell text of a command, with those that stand above it, and the trial's own words."""
    command = COMMANDS[key]
    assert isinstance(command, Run)
    hook = trial.access["hooks"]["demo"]
    own = {
        "{login}": str(
            trial.value("SELECT login FROM execution_brokeraccount ORDER BY id LIMIT 1")
        ),
        "{secret}": hook.rpartition("/")[2],
        "{base_url}": trial.access["base_url"],
    }
    text = "\n".join(TEXTS[one] for one in (*command.after, key))
    for printed, meant in command.swaps.items():
        assert printed in text, printed
        text = text.replace(printed, own.get(meant, meant))
    return text


@pytest.mark.parametrize("key", [key for key, one in COMMANDS.items() if isinstance(one, Run)])
def test_it_runs_as_printed(key: str, trial: Trial) -> None:
    command = COMMANDS[key]
    assert isinstance(command, Run)
    for needed in command.needs:
        if not (shutil.which(needed) or (ROOT / needed).exists()):
            pytest.skip(f"{key}: {needed} is not here")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script_of(key, trial)],
        cwd=ROOT,
        env={**kept, "FUSION_HOME": str(trial.home.path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert command.says in ended.stdout + ended.stderr


@pytest.mark.parametrize("key", [key for key, one in COMMANDS.items() if isinstance(one, LeftOut)])
def test_it_is_left_out_by_name(key: str) -> None:
    command = COMMANDS[key]
    assert isinstance(command, LeftOut)
    pytest.skip(f"{key}: {command.reason}")
