"""The lobes that call out, made from the settings once a process; loaded is nothing yet."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from fusion_project.model_settings import ModelSettings
from signals.lobes.base import CallingLobe
from signals.lobes.outside import client
from signals.lobes.outside.endpoint import Endpoint, Prices
from signals.lobes.outside.lobe import ModelLobe


def endpoint_of(one: ModelSettings) -> Endpoint:
    """Return where a model is asked, as it is set."""
    read, cached, written = one.prices_usd
    return Endpoint(
        name=one.name,
        url=one.url,
        model=one.model,
        key=one.key,
        why_asleep=one.why_asleep,
        answers_as=tuple(one.answers_as),
        prompt=one.prompt,
        schema=one.format == "schema",
        prices=Prices(read=read, cached=cached, written=written),
        daily_usd_max=one.daily_usd_max,
        more=one.more,
    )


# In the order of the settings; a model that is asked by two methods is two lobes of one name.
CALLING_LOBES: Final[tuple[CallingLobe, ...]] = tuple(
    ModelLobe(endpoint_of(one), method) for one in settings.MODELS_ASKED for method in one.methods
)


def asleep_names() -> set[str]:
    """Return the names of those that nobody could ask here, whatever the alert."""
    return {one.name for one in CALLING_LOBES if one.asleep_because()}


def clients_load() -> None:
    """Load what asking needs, where somebody is to be asked: it takes a second, once."""
    if any(not one.asleep_because() for one in CALLING_LOBES):
        client.load()
