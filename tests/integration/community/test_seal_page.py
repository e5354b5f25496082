"""The public page of the seal: heads as they are now, nothing of what they cover."""

import re

import pytest

from fusion_project.events.models import SealBatch
from fusion_project.events.sealing import sealed_logs
from tests.builders.public_pages import page_text
from tests.builders.seals import seal_all
from tests.builders.treasury import ledger_start
from tests.events_probe import happen

__all__ = ("happen",)

# A sealer waits for each older transaction of the server, so no other test may run beside these.
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("committed_db")]


def head(log: str) -> str:
    return bytes(SealBatch.objects.filter(log=log).latest("n").hash).hex()


def test_each_log_shows_its_head_at_once_on_the_page_and_as_json(client, happen) -> None:
    ledger_start()
    seal_all()
    before = head("events")
    page = page_text(client, "/seal/")
    assert re.findall(r"<dt>([^<]+)</dt><dd><code>([0-9a-f]{64})</code>", page) == [
        ("Event log", before),
        ("Ledger", head("treasury")),
    ]
    happen()
    seal_all()
    heads = client.get("/seal/heads.json").json()
    assert heads == {log.name: head(log.name) for log in sealed_logs()}
    assert heads["events"] != before


def test_nothing_but_hashes_is_told_of_a_log(client, happen) -> None:
    event_id = happen(4_711)
    seal_all()
    for address in ("/seal/", "/seal/heads.json"):
        text = client.get(address).content.decode().replace(head("events"), "")
        assert "4711" not in text
        assert "incident" not in text
        assert not re.search(rf"\b{event_id}\b(?! seconds)", re.sub(r"<[^>]*>", "", text))


def test_before_the_first_batch_the_page_says_so(client) -> None:
    assert page_text(client, "/seal/").count("nothing has been sealed yet") == 2
    assert client.get("/seal/heads.json").json() == {"events": "", "treasury": ""}


def test_the_page_and_the_methodology_say_what_cannot_be_seen(client) -> None:
    page = page_text(client, "/seal/")
    assert "An edit made after somebody kept a hash is detected" in page
    assert "edited before it is sealed" in page
    assert "longer than 60 seconds" in page
    methodology = page_text(client, "/methodology/")
    assert 'href="/seal/"' in methodology
    assert (
        "What is edited before it is sealed, normally within seconds, cannot be seen."
        in methodology
    )
