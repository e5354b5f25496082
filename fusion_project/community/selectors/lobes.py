"""The score-board of the lobes, as of the public moment: the same figures that staff see."""

from dataclasses import dataclass

from fusion_project.community.moment import AsOf
from signals.selectors.scoreboard import (
    Family,
    Scoreboard,
    scoreboard_families,
    scoreboard_get,
)


@dataclass(frozen=True, slots=True)
class Lobes:
    """The families that learned something, the one that is shown, and its figures."""

    families: list[Family]
    family: Family | None
    board: Scoreboard | None


def lobes_get(*, key: str, as_of: AsOf) -> Lobes:
    """Return the board of the family that was asked for by its key, else of the first."""
    families = scoreboard_families(recorded_until=as_of.at)
    family = Family.chosen(families, key)
    board = scoreboard_get(family=family, recorded_until=as_of.at) if family else None
    return Lobes(families, family, board)
