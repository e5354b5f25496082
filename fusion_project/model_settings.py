"""Settings of the models that are asked for opinions: one set of variables for each."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fusion_project.environment import Environment

METHODS = ("chance", "yes_no")
FORMATS = ("schema", "json")
PROMPTS = ("1",)


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """One model as it is set. `prices_usd`: of a million tokens read, read from cache, written."""

    name: str
    why_asleep: str
    key: str
    url: str
    model: str
    answers_as: list[str]
    methods: list[str]
    format: str
    prompt: str
    prices_usd: list[Decimal]
    daily_usd_max: Decimal
    more: dict[str, Any]


def model_settings(env: Environment, name: str, **defaults: str) -> ModelSettings:
    """Read the variables that begin with the name. What has no default is off until it is set."""
    prefix = name.upper()
    needs_key = bool(defaults)
    key = env.text(f"{prefix}_API_KEY", "")
    url = env.web_address(f"{prefix}_URL", defaults.get("url", ""), has_key=bool(key))
    model = env.text(f"{prefix}_MODEL", defaults.get("model", ""))
    if url and not model:
        env.refuse(f"{prefix}_MODEL", f"is missing; {prefix}_URL is set")
    why_asleep = "no_key" if needs_key and not key else "" if url and model else "no_address"
    methods = env.words(f"{prefix}_METHODS", "chance")
    if not methods or not set(methods) <= set(METHODS) or len(set(methods)) < len(methods):
        env.refuse(f"{prefix}_METHODS", f"must be some of {', '.join(METHODS)}")
    return ModelSettings(
        name=name,
        why_asleep=why_asleep,
        key=key,
        url=url,
        model=model,
        answers_as=env.words(f"{prefix}_ANSWERS_AS", defaults.get("answers_as", "")),
        methods=methods,
        format=env.choice(f"{prefix}_FORMAT", defaults.get("format", "schema"), FORMATS),
        prompt=env.choice(f"{prefix}_PROMPT", PROMPTS[-1], PROMPTS),
        prices_usd=env.decimals(f"{prefix}_PRICES_USD", defaults.get("prices", "0,0,0"), count=3),
        daily_usd_max=env.decimals(f"{prefix}_DAILY_USD_MAX", "1", count=1)[0],
        more=env.json_object(f"{prefix}_MORE", defaults.get("more", "{}")),
    )
