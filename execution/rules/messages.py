"""Who speaks to the executor services, and what a report is answered with. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportVerdict:
    """stored | duplicate | refused; `applied` tells whether an order moved by it."""

    report_id: str
    verdict: str
    applied: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """One running executor: its lasting name, and what this run alone knows, if it says it."""

    instance: str
    boot_nonce: str = ""


@dataclass(frozen=True, slots=True)
class ExecutorCaller:
    """The executor behind a request: its key and the account that the key is bound to.

    `last_instance`: who used the key last, as far as is known.
    """

    key_id: int
    prefix: str
    account_id: int
    scopes: tuple[str, ...]
    last_instance: str = ""

    @property
    def actor(self) -> str:
        return f"executor:{self.prefix}"
