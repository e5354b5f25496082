"""What a distribution would pay now, for the page that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fusion_project.errors import DomainError
from treasury.rules.drafts import LineDraft
from treasury.services.distributing import preview_now, told
from treasury.services.gates import distribution_hindrances


@dataclass(frozen=True, slots=True)
class DryRun:
    """The entry as it would be posted, without lines where nothing is to be paid.

    `told`: of each place what would be paid, and from what; `hindrances`: what stands in the way.
    """

    book: str
    policy: str
    period: str
    hindrances: Sequence[str]
    told: Sequence[str] = ()
    idem_key: str = ""
    cutoff: int | None = None
    lines: Sequence[LineDraft] = field(default=())

    @property
    def may_be_proposed(self) -> bool:
        return bool(self.lines) and not self.hindrances


def dry_run_get(*, book: str, policy_code: str, period: str) -> DryRun:
    """Changes nothing. Where there is nothing to work it out from, that is what hinders it."""
    hindrances = distribution_hindrances(book=book)
    try:
        preview = preview_now(book=book, policy_code=policy_code, period=period)
    except DomainError as reason:
        return DryRun(book, policy_code, period, [*hindrances, str(reason)])
    return DryRun(
        book=book,
        policy=policy_code,
        period=period,
        hindrances=hindrances,
        told=told(preview),
        idem_key=preview.idem_key,
        cutoff=preview.cutoff.pk,
        lines=preview.draft.lines if preview.draft is not None else (),
    )
