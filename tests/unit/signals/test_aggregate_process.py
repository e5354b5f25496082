"""`./manage.py aggregate` as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.unit.signals.test_aggregate import ROOT, P, Y, arguments


def test_the_command_needs_no_site_and_ends_with_1_on_a_fault(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = {**kept, "FUSION_HOME": str(tmp_path / "nowhere")}

    def ended(experts: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", "aggregate"]
        command += arguments(tmp_path, experts, Y, "log")
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)

    good, bad = ended("\ufeff" + P), ended(P.replace("0.7", "seven"))
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["rounds"] == 4
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "P.csv, line 3: 'seven' is not a number" in bad.stderr
