"""Settings come from the environment alone, and odd values stop the start with all reasons."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from fusion_project.environment import Environment


def _refusal(environment: Environment) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        environment.refuse_problems()
    return str(caught.value)


def test_every_problem_is_named_at_once() -> None:
    environment = Environment({"DEBUG": "maybe", "PORT": "many", "DATABASE_URL": "sqlite:///x"})
    environment.boolean("DEBUG", False)
    environment.integer("PORT", 1, low=0, high=9)
    environment.database("DATABASE_URL")
    environment.text("SECRET_KEY")
    message = _refusal(environment)
    for part in (
        "DEBUG: is 'maybe'; expected on or off",
        "PORT: is 'many'",
        "DATABASE_URL: must be a postgres:// URL",
        "SECRET_KEY: is missing",
    ):
        assert part in message


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-a-file\n")
    environment = Environment({"SECRET_KEY_FILE": str(file)})
    assert environment.text("SECRET_KEY") == "from-a-file"
    environment.refuse_problems()


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    environment = Environment({"SECRET_KEY": "a", "SECRET_KEY_FILE": str(tmp_path)})
    environment.text("SECRET_KEY")
    assert "not both" in _refusal(environment)


def test_a_secret_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    environment = Environment({"SECRET_KEY_FILE": str(tmp_path / "absent")})
    environment.text("SECRET_KEY")
    assert "SECRET_KEY_FILE: cannot be read" in _refusal(environment)


def test_a_refusal_never_prints_the_secret() -> None:
    environment = Environment({"SECRET_KEY": "short-secret", "DATABASE_URL": "mysql://u:pw@h/d"})
    environment.secret("SECRET_KEY", minimum_length=50)
    environment.database("DATABASE_URL")
    message = _refusal(environment)
    assert "short-secret" not in message
    assert "pw" not in message


@pytest.mark.parametrize("value", ["0f", "0f" * 33, "xx" * 32, "0f" * 31 + "0", "\u0663" * 64])
def test_an_odd_key_is_refused_and_never_printed(value: str) -> None:
    environment = Environment({"SIGNING_KEY": value})
    environment.hex_key("SIGNING_KEY", octets=32)
    message = _refusal(environment)
    assert "SIGNING_KEY: is no key: 64 hex digits" in message
    assert value not in message


def test_a_key_is_read_in_either_case_and_none_is_none() -> None:
    environment = Environment({"SIGNING_KEY": "0F" * 32})
    assert environment.hex_key("SIGNING_KEY", octets=32) == "0f" * 32
    assert environment.hex_key("OTHER_KEY", octets=32) == ""
    environment.refuse_problems()


@pytest.mark.parametrize("word", ["on", "TRUE", "yes", "1"])
def test_booleans_are_plain_words(word: str) -> None:
    assert Environment({"DEBUG": word}).boolean("DEBUG", False) is True


def test_redis_may_be_off() -> None:
    assert Environment({"REDIS_URL": "off"}).redis("REDIS_URL") == ""


@pytest.mark.parametrize("value", ["localhost:6379", "http://x", "of"])
def test_an_odd_redis_url_is_refused(value: str) -> None:
    environment = Environment({"REDIS_URL": value})
    environment.redis("REDIS_URL")
    assert "REDIS_URL: must be a redis:// URL or off" in _refusal(environment)


@pytest.mark.parametrize("value", ["example.org", "https://example.org/path", "ftp://x"])
def test_an_odd_origin_is_refused(value: str) -> None:
    environment = Environment({"CSRF_TRUSTED_ORIGINS": value})
    environment.origins("CSRF_TRUSTED_ORIGINS", "")
    assert "expected http(s)://host" in _refusal(environment)
