"""A watch over those who read chains: the reading itself has a process of its own."""

from fusion_project.events.periodic import every
from tokens.services.watching import unwatched_tell


@every(seconds=60, name="tokens.watch_chain_watch")
def watch_chain_watch() -> None:
    """An incident while nobody reads the chain of a bound token."""
    unwatched_tell()
