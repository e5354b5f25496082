"""What every bench prints: one JSON object a figure, the summary last."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Figures:
    """Prints figures as they come, and remembers what was not met."""

    missed: list[str] = field(default_factory=list)
    count: int = 0

    def say(
        self,
        name: str,
        value: float,
        *,
        reference: float | None = None,
        aim: float | None = None,
        at_most: bool = False,
    ) -> None:
        """Print one figure. The aim is for the ratio where there is a reference."""
        ratio = round(value / reference, 3) if reference else None
        judged = value if ratio is None else ratio
        met = None if aim is None else (judged <= aim if at_most else judged >= aim)
        self._count(name, met)
        self._print(name=name, value=value, reference=reference, ratio=ratio, aim=aim, met=met)

    def near(self, name: str, value: float, *, reference: float, within: float) -> None:
        """Print one figure that must be the reference, give or take."""
        met = abs(value - reference) <= within
        self._count(name, met)
        self._print(name=name, value=value, reference=reference, within=within, met=met)

    def take(self, others: "Figures") -> None:
        """Count what another process has printed."""
        self.missed += others.missed
        self.count += others.count

    def end(self, what: str) -> int:
        """Print the summary; return the exit status."""
        self._print(
            name=f"{what}.summary", figures=self.count, missed=self.missed, met=not self.missed
        )
        return 1 if self.missed else 0

    def _count(self, name: str, met: bool | None) -> None:
        self.count += 1
        if met is False:
            self.missed.append(name)

    def _print(self, **members: Any) -> None:
        print(json.dumps(members), flush=True)
