"""What a run says when it is ready, and of a Redis that is not."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fusion_project.local.run.ready import ready_text
from fusion_project.local.run.stack import redis_silence
from fusion_project.local.servers.children import port_pick
from fusion_project.local.servers.redis import EmbeddedRedis

ACCESS = {"users": {"ops": "pass-of-ops"}, "curl_entry": "curl", "curl_exit": "curl"}


def words(*, first: bool) -> str:
    stack: Any = SimpleNamespace(
        has_new_logins=first,
        home=SimpleNamespace(logs="/home/logs", demo_secrets="/home/secrets/demo.json"),
        options=SimpleNamespace(base_url="http://x", sample_market=True, alerts="sample"),
    )
    return ready_text(stack, ACCESS)


def test_passwords_are_printed_on_the_first_start_alone() -> None:
    assert "pass-of-ops" in words(first=True)
    later = words(first=False)
    assert "pass-of-ops" not in later
    assert "changepassword" in later
    assert "/home/secrets/demo.json" in later


def test_a_redis_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    reason = redis_silence(f"redis://:hunter2@127.0.0.1:{port_pick()}/0")
    assert reason == "ConnectionError"
    with EmbeddedRedis(tmp_path / "redis") as server:
        assert redis_silence(server.url) == ""
        assert redis_silence(f"redis://:hunter2@127.0.0.1:{server.port}/0") == "AuthenticationError"
