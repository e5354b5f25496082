"""The lobes that are asked about each entry, in their fixed order. Pure."""

from __future__ import annotations

from typing import Final

from signals.lobes.bar_features import BarFeaturesLobe
from signals.lobes.base import Lobe
from signals.lobes.base_rate import BaseRate
from signals.lobes.neighbours import Neighbours
from signals.lobes.online import Online
from signals.lobes.track_record import TrackRecord

# They answer from the features in the question, at once.
LOBES: Final[tuple[Lobe, ...]] = (
    BaseRate(),
    TrackRecord(),
    BarFeaturesLobe(),
    Neighbours(),
    Online(),
)
# They call out: `manage.py lobes` asks them, as they are set (`signals.services.models_asked`).
CALLING_NAMES: Final = ("grok", "deepseek", "local_llm")
LOBE_NAMES: Final = (*(one.name for one in LOBES), *CALLING_NAMES)
