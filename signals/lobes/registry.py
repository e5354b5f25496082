"""The lobes that are asked about each entry, in their fixed order. Pure."""

from __future__ import annotations

from typing import Final

from signals.lobes.base import Lobe
from signals.lobes.base_rate import BaseRate
from signals.lobes.track_record import TrackRecord

LOBES: Final[tuple[Lobe, ...]] = (BaseRate(), TrackRecord())
