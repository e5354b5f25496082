"""What may be said of a documented command: how it is run, or why it is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Run:
    """Run as printed, but for the swaps; `says` stands in what it prints."""

    says: str = ""
    swaps: Mapping[str, str] = field(default_factory=dict)
    # Keys of commands that stand above it and whose text is run first, in the same shell.
    after: tuple[str, ...] = ()
    # Programs, and paths of the repository, without which it is skipped by name.
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """Not run, and why."""

    reason: str


NAME = LeftOut("the name of a command that is run with its arguments elsewhere in this list")
