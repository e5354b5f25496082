"""What is set of a model that is asked: who sleeps, where a key may go, what is refused."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from fusion_project.environment import Environment
from fusion_project.model_settings import METHODS, PROMPTS, ModelSettings, model_settings
from signals.lobes.outside import prompts
from signals.lobes.registry import CALLING_NAMES

GROK = {"url": "https://api.x.ai/v1", "model": "grok-4.3", "prices": "1.25,0.20,2.50"}


def read(name: str = "grok", **source: str) -> ModelSettings:
    environment = Environment(source)
    found = model_settings(environment, name, **(GROK if name == "grok" else {}))
    environment.refuse_problems()
    return found


def refused(name: str = "grok", **source: str) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        read(name, **source)
    return str(caught.value)


def test_without_a_key_or_an_address_it_sleeps() -> None:
    assert read().why_asleep == "no_key"
    assert read(GROK_API_KEY="k").why_asleep == ""
    assert read("local_llm").why_asleep == "no_address"
    local = {"LOCAL_LLM_URL": "http://127.0.0.1:11434/v1", "LOCAL_LLM_MODEL": "qwen3"}
    assert read("local_llm", **local).why_asleep == ""


def test_a_key_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    assert read(GROK_API_KEY_FILE=str(tmp_path / "key")).key == "from-a-file"


def test_a_key_goes_to_another_machine_by_tls_alone() -> None:
    told = refused(GROK_API_KEY="k", GROK_URL="http://models.example.org/v1")
    assert "GROK_URL: is http://, and a key would be sent there unencrypted" in told
    assert read(GROK_API_KEY="k", GROK_URL="http://127.0.0.1:9/v1").url == "http://127.0.0.1:9/v1"
    lan = {"LOCAL_LLM_URL": "http://10.0.0.7:8000/v1", "LOCAL_LLM_MODEL": "m"}
    assert read("local_llm", **lan).why_asleep == ""


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ({"GROK_URL": "ftp://x"}, "GROK_URL: is no http(s) address"),
        ({"GROK_METHODS": "guess"}, "GROK_METHODS: must be some of chance, yes_no"),
        ({"GROK_METHODS": "chance,chance"}, "GROK_METHODS"),
        ({"GROK_FORMAT": "xml"}, "GROK_FORMAT"),
        ({"GROK_PROMPT": "9"}, "GROK_PROMPT"),
        ({"GROK_PRICES_USD": "1,2"}, "expected 3 numbers of at least 0"),
        ({"GROK_PRICES_USD": "1,-2,3"}, "expected 3 numbers of at least 0"),
        ({"GROK_DAILY_USD_MAX": "NaN"}, "expected 1 numbers of at least 0"),
        ({"GROK_MORE": "[1]"}, "GROK_MORE: is no JSON object"),
    ],
)
def test_odd_values_are_refused_with_their_name(source: dict[str, str], why: str) -> None:
    assert why in refused(**source)


def test_a_local_server_needs_its_models_name() -> None:
    told = refused("local_llm", LOCAL_LLM_URL="http://127.0.0.1:9/v1")
    assert "LOCAL_LLM_MODEL: is missing" in told


def test_what_is_set_is_what_is_asked(settings: object) -> None:
    found = read(GROK_DAILY_USD_MAX="2.5", GROK_ANSWERS_AS="a,b", GROK_METHODS="chance,yes_no")
    assert (found.daily_usd_max, found.answers_as) == (Decimal("2.5"), ["a", "b"])
    assert found.prices_usd == [Decimal("1.25"), Decimal("0.20"), Decimal("2.50")]
    assert tuple(one.name for one in settings.MODELS_ASKED) == CALLING_NAMES  # type: ignore[attr-defined]
    assert METHODS == prompts.METHODS
    assert PROMPTS == prompts.VERSIONS
