"""What a local run starts beside the app exists under the names it is started by."""

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fusion_project.local.home.options import ALERTS
from fusion_project.local.run.stack import Stack


@pytest.mark.parametrize("module", ["paper", *(f"{alerts}_market" for alerts in ALERTS)])
def test_each_process_beside_the_app_is_a_module_that_can_be_run(module: str) -> None:
    stack: Any = SimpleNamespace(
        home=SimpleNamespace(path=Path("/nowhere")), options=SimpleNamespace(base_url="http://x")
    )
    command = Stack._side_process(stack, module)
    assert command[1] == "-m"
    found = find_spec(command[2])
    assert found is not None
    assert found.origin is not None
    assert '__name__ == "__main__"' in Path(found.origin).read_text()
