"""What steers a run is read strictly, and secrets are never repeated."""

from pathlib import Path

import pytest

from fusion_project.local.home.options import RunRefused, options_read, url_without_password

HOME = Path("/srv/fusion")


def test_nothing_set_means_our_own_servers_on_port_8000() -> None:
    options = options_read({}, HOME)
    assert (options.port, options.home, options.base_url) == (8000, HOME, "http://127.0.0.1:8000")
    assert (options.database_url, options.redis_url, options.redis_off) == ("", "", False)
    assert options.sample_market


def test_what_is_set_is_taken() -> None:
    options = options_read(
        {
            "PORT": "18080",
            "FUSION_HOME": "/data/home",
            "DATABASE_URL": "postgres://app:x@db/fusion",
            "DATABASE_DIRECT_URL": "postgres://owner:x@db/fusion",
            "REDIS_URL": "redis://cache:6379/0",
            "SAMPLE_MARKET": "off",
            "LOG_LEVEL": "DEBUG",
        },
        HOME,
    )
    assert options.port == 18080
    assert options.home == Path("/data/home")
    assert options.database_direct_url == "postgres://owner:x@db/fusion"
    assert options.redis_url == "redis://cache:6379/0"
    assert not options.sample_market
    assert options.log_level == "DEBUG"


def test_alerts_come_from_the_sample_rules_or_from_the_pine_scripts() -> None:
    assert options_read({}, HOME).alerts == "sample"
    assert options_read({"ALERTS": "pine"}, HOME).alerts == "pine"
    with pytest.raises(RunRefused, match="sample or pine"):
        options_read({"ALERTS": "tradingview"}, HOME)
    with pytest.raises(RunRefused, match="exclude each other"):
        options_read({"ALERTS": "pine", "SAMPLE_MARKET": "off"}, HOME)


def test_one_database_url_serves_as_owner_and_app() -> None:
    options = options_read({"DATABASE_URL": "postgresql://me:x@db/fusion"}, HOME)
    assert options.database_direct_url == options.database_url


@pytest.mark.parametrize("source", [{"REDIS": "off"}, {"REDIS_URL": "off"}, {"REDIS": "no"}])
def test_redis_can_be_off(source: dict[str, str]) -> None:
    options = options_read(source, HOME)
    assert options.redis_off
    assert options.redis_url == ""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'"),
        ({"PORT": "0"}, "PORT is '0'"),
        ({"PORT": "65536"}, "PORT is '65536'"),
        ({"PORT": "٣"}, "PORT is"),
        ({"REDIS": "maybe"}, "REDIS is 'maybe'; expected on or off"),
        ({"SAMPLE_MARKET": "2"}, "SAMPLE_MARKET is '2'"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'"),
        ({"DATABASE_URL": "mysql://x:secret@db/y"}, "DATABASE_URL is not a postgres:// URL"),
        ({"REDIS_URL": "http://x"}, "REDIS_URL is not a redis:// URL"),
        ({"REDIS": "off", "REDIS_URL": "redis://x"}, "exclude each other"),
        ({"DATABASE_DIRECT_URL": "postgres://x@db/y"}, "without DATABASE_URL"),
    ],
)
def test_an_odd_value_is_refused_by_name(source: dict[str, str], words: str) -> None:
    with pytest.raises(RunRefused, match=words) as refusal:
        options_read(source, HOME)
    assert "secret" not in str(refusal.value)


def test_a_shown_url_has_no_password() -> None:
    shown = url_without_password("postgresql://app:hunter2@db.example:6543/fusion?sslmode=require")
    assert shown == "postgresql://app@db.example:6543/fusion"
