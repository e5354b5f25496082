"""The embedded Redis starts, keeps its queue across a kill, and says plainly when it cannot."""

import os
import signal
from pathlib import Path

import pytest
import redis

from fusion_project.local.servers.children import port_is_free
from fusion_project.local.servers.redis import EmbeddedRedis, RedisUnavailable, program_find
from tests.integration.local.waiting import wait_gone, wait_until


def test_it_answers_on_loopback_only_and_refuses_rather_than_evicts(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "redis") as server:
        client = redis.Redis.from_url(server.url)
        settings = client.config_get("*")
        assert settings["bind"] == "127.0.0.1"
        assert settings["maxmemory-policy"] == "noeviction"
        assert settings["appendonly"] == "yes"


def test_a_killed_server_comes_back_with_its_queue_on_the_same_port(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "redis") as server:
        url = server.url
        client = redis.Redis.from_url(url)
        client.config_set("appendfsync", "always")
        client.rpush("queue", "doorbell")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert wait_until(lambda: not server.is_running)
        server.start()
        assert server.url == url
        assert redis.Redis.from_url(url).lrange("queue", 0, -1) == [b"doorbell"]


def test_stop_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "redis")
    server.start()
    pid, port = server.pid, server.port
    server.stop()
    assert pid is not None
    assert port is not None
    assert wait_gone(pid, 0)
    assert port_is_free(port)


def test_without_any_program_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUSION_REDIS_SERVER", str(tmp_path / "nothing"))
    with pytest.raises(RedisUnavailable, match="which is no file"):
        program_find()
    monkeypatch.delenv("FUSION_REDIS_SERVER")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RedisUnavailable, match="REDIS=off"):
        program_find()
