"""`manage.py demo_alert`: one real alert over HTTP to the installation of a home."""

import io
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from fusion_project.local.home.folder import Home, json_read, json_write
from fusion_project.local.run.demo import demo_seed
from signals.models import Alert, Decision


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("FUSION_HOME", str(tmp_path))
    return Home(tmp_path)


@pytest.fixture
def running(home: Home, live_url: str) -> Home:
    """A home whose demo stands in the database that a live server answers from."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers):
        demo_seed(home.demo_secrets)
    strategies = json_read(home.demo_secrets)["strategies"].items()
    hooks = {slug: f"{live_url}/hooks/tradingview/{slug}/{secret}" for slug, secret in strategies}
    json_write(home.access, {"base_url": live_url, "hooks": hooks})
    return home


def _said(run_handlers: Callable[[], int], *arguments: str) -> str:
    """What the command prints while a drain works beside it."""
    out = io.StringIO()

    def send() -> None:
        try:
            call_command("demo_alert", *arguments, stdout=out)
        finally:
            connection.close()

    sending = threading.Thread(target=send)
    sending.start()
    while sending.is_alive():
        run_handlers()
        sending.join(0.05)
    return out.getvalue()


def test_with_review_a_decision_waits_and_its_page_is_named(
    running: Home, live_url: str, run_handlers: Callable[[], int]
) -> None:
    said = _said(run_handlers, "--review")
    decision = Decision.objects.get()
    assert said.startswith("202 {")
    assert f"Decision {decision.id} is pending_review" in said
    assert f"{live_url}/ops/decisions/{decision.id}/" in said
    assert f"{live_url}/ops/trace/{decision.trace_id}/" in said
    assert (decision.strategy.slug, decision.reviews_needed) == ("demo-review", 1)


def test_without_it_the_entry_is_approved_and_has_a_stop_and_a_target(
    running: Home, run_handlers: Callable[[], int]
) -> None:
    said = _said(run_handlers, "--side", "sell", "--symbol", "XAUUSD")
    decision = Decision.objects.get()
    assert "is approved" in said
    assert (decision.state, decision.strategy.slug) == ("approved", "demo")
    assert (decision.side, decision.instrument) == ("sell", "XAUUSD")
    assert '"sl":{"kind":"price"' in decision.leg
    assert '"tp":{"kind":"price"' in decision.leg


def test_each_call_is_an_alert_of_its_own(running: Home, run_handlers: Callable[[], int]) -> None:
    assert _said(run_handlers) != _said(run_handlers)
    assert Alert.objects.count() == 2


def test_where_nothing_runs_it_says_what_to_do(home: Home) -> None:
    with pytest.raises(CommandError, match=r"No installation is ready in .* `make run`"):
        call_command("demo_alert")


def test_where_the_web_server_is_gone_it_says_so(home: Home) -> None:
    home.access.parent.mkdir()
    json_write(home.access, {"base_url": "", "hooks": {"demo": "http://127.0.0.1:1/hooks"}})
    with pytest.raises(CommandError, match="The web server does not answer"):
        call_command("demo_alert")


def test_a_secret_that_has_ended_is_told_with_the_answer(running: Home, live_url: str) -> None:
    hooks = {"demo": f"{live_url}/hooks/tradingview/demo/gone"}
    json_write(running.access, {"base_url": live_url, "hooks": hooks})
    out = io.StringIO()
    with pytest.raises(CommandError, match="The alert was not accepted"):
        call_command("demo_alert", stdout=out)
    assert out.getvalue().startswith("401 ")
