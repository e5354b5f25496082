"""What a machine's call passes by, and what it keeps."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from fusion_project.people_middleware import MACHINE_POLICY

pytestmark = pytest.mark.django_db
HOOK = "/hooks/tradingview/nobody/wrong"


def _post(path: str, **headers: Any) -> Any:
    return Client().post(path, b"{}", content_type="application/json", **headers)


def test_a_webhook_answer_lets_a_browser_load_and_run_nothing() -> None:
    assert _post(HOOK)["Content-Security-Policy"] == MACHINE_POLICY


def test_a_webhook_answer_keeps_the_headers_that_every_answer_has() -> None:
    answer = _post(HOOK)
    kept = ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "Content-Length")
    assert all(answer.has_header(name) for name in kept)


def test_a_webhook_reads_and_sets_no_session() -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "odd"
    answer = client.post(HOOK, b"{}", content_type="application/json")
    assert not answer.cookies
    assert not answer.has_header("Vary")


def test_a_webhook_of_another_host_is_refused() -> None:
    assert _post(HOOK, HTTP_HOST="elsewhere.example").status_code == 400


def test_a_wrong_address_below_the_webhook_is_a_plain_404() -> None:
    answer = Client().get("/hooks/nothing")
    assert answer.status_code == 404
    assert answer["Content-Security-Policy"] == MACHINE_POLICY


def test_a_page_has_its_own_policy() -> None:
    assert "script-src 'self'" in Client().get("/admin/login/")["Content-Security-Policy"]
