"""A web process carries no library that only lobes need: it starts fast and stays small."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from fusion_project.events.clock import now
from tests.builders.signals import strategy_built
from tests.e2e.front.serving import web_start
from tests.factories.signals import EntryFactory, body_of


@pytest.mark.usefixtures("committed_db")
def test_after_its_start_and_one_webhook_call_a_web_process_has_loaded_none(
    tmp_path: Path,
) -> None:
    built = strategy_built()
    application = "tests.e2e.front.loaded:application"
    with web_start(tmp_path, 1, application=application) as (port, _):
        url = f"http://127.0.0.1:{port}"
        answer = httpx2.post(f"{url}{built.path}", content=body_of(EntryFactory(at=now())))
        assert answer.status_code == 202
        assert httpx2.get(f"{url}/loaded").json() == ["django"]
