"""A watch over those who read chains, which have a process of their own; and the daily reserves."""

from fusion_project.events.periodic import every
from tokens.services.reserves import reserves_take_due
from tokens.services.watching import unwatched_tell


@every(seconds=60, name="tokens.watch_chain_watch")
def watch_chain_watch() -> None:
    """An incident while nobody reads the chain of a bound token."""
    unwatched_tell()


@every(seconds=600, name="tokens.take_reserves")
def take_reserves() -> None:
    """An epoch of reserves a day for each book that owes somebody something."""
    reserves_take_due()
