"""What a process of its own does: the settings first, then one run after the other."""

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.ea.fuzz.running import Outcome


def django_start() -> None:
    """The test run's own Postgres, or that of the process that began this one, and the apps."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "fusion_project.settings"
    import_module("tests.embedded")
    import_module("django").setup()


def run(seed: int, binary: Path) -> "Outcome":
    """One run."""
    django_start()
    outcome: Outcome = import_module("tests.e2e.ea.fuzz.running").run_seed(seed, binary)
    return outcome
