"""What is compressed, what is not, and what caches are told about it."""

import gzip
import re

import pytest
from django.test import Client

from tests.builders.pages import client_of, flow_make, staff_make

pytestmark = pytest.mark.django_db
GZIP = {"HTTP_ACCEPT_ENCODING": "gzip, br"}
CHART = "/education/df-trend/chart.json"


def _tokens(body: bytes) -> list[str]:
    return re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', body.decode())


@pytest.mark.parametrize("address", ["/", "/methodology/", "/admin/login/", CHART])
def test_a_page_is_compressed_for_whoever_accepts_it(address) -> None:
    plain, packed = Client().get(address), Client().get(address, **GZIP)
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) * 0.6
    assert packed["Content-Length"] == str(len(packed.content))
    assert len(gzip.decompress(packed.content)) > 0.9 * len(plain.content)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer["Vary"]


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/api/v1/executor/poll"])
def test_machines_get_what_is_not_compressed(address) -> None:
    answer = Client().get(address, **GZIP)
    assert not answer.has_header("Content-Encoding")
    assert "Accept-Encoding" not in answer.get("Vary", "")


def test_a_webhook_answer_is_not_compressed(run_handlers) -> None:
    flow = flow_make(run_handlers)
    answer = Client().post(flow.webhook, b"x" * 400, content_type="text/plain", **GZIP)
    assert answer.status_code == 422
    assert not answer.has_header("Content-Encoding")
    assert not answer.has_header("Vary")


def test_the_answer_that_tells_a_secret_is_not_compressed(run_handlers) -> None:
    slug = flow_make(run_handlers).strategy.slug
    keeper = client_of(staff_make("keykeeper"))
    page = keeper.get(f"/ops/secrets/{slug}/", **GZIP)
    assert page["Content-Encoding"] == "gzip"
    newest = re.search(rb'name="newest_id" value="(\d+)"', gzip.decompress(page.content))
    form = {"newest_id": newest.group(1).decode(), "label": "second"}
    answer = keeper.post(f"/ops/secrets/{slug}/issue", form, **GZIP)
    assert b"/hooks/tradingview/" in answer.content
    assert not answer.has_header("Content-Encoding")
    assert {"no-transform", "no-store", "private"} <= set(answer["Cache-Control"].split(", "))


def test_no_two_pages_hold_the_same_form_token_and_equal_pages_differ_in_size() -> None:
    client = Client()
    bodies = [client.get("/admin/login/", **GZIP).content for _ in range(12)]
    tokens = [one for body in bodies for one in _tokens(gzip.decompress(body))]
    assert len(tokens) == len(set(tokens)) == 12
    assert len({len(body) for body in bodies}) > 3


def test_the_tag_of_a_compressed_body_is_weak_also_where_nothing_changed() -> None:
    first = Client().get(CHART, **GZIP)
    assert first["ETag"].startswith('W/"')
    again = Client().get(CHART, HTTP_IF_NONE_MATCH=first["ETag"], **GZIP)
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert "Accept-Encoding" in again["Vary"]
    plain = Client().get(CHART)
    assert first["ETag"] == f"W/{plain['ETag']}"
    assert Client().get(CHART, HTTP_IF_NONE_MATCH=plain["ETag"])["ETag"] == plain["ETag"]


@pytest.mark.parametrize("address", ["/", "/ops/decisions/", "/ops/traces/", "/ops/alert-linter/"])
def test_head_is_answered_as_get_is(address) -> None:
    client = client_of(staff_make("ops"))
    head, got = client.head(address, **GZIP), client.get(address, **GZIP)
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    for name in ("Content-Type", "Content-Encoding", "Vary", "Cache-Control"):
        assert head[name] == got[name], name
