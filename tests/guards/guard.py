"""What a guard is: where it stands, how it is taken out, and the tests that must notice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """`old` occurs once in `file`; `new` is the file's text without the guard."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    in_database: bool = False
