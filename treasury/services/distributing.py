"""Paying what was earned: proposed by one person, confirmed by another, one entry, once."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.canonical import decimal_text
from treasury import errors
from treasury.models import (
    Distribution,
    DistributionSource,
    Entry,
    PolicyVersion,
    UnitSeries,
)
from treasury.rules.canonical import request_sha256
from treasury.rules.distributing import ResultFigures, UnitFigures
from treasury.rules.drafts import EntryDraft
from treasury.rules.periods import span_of
from treasury.selectors.distributions import (
    Preview,
    distribution_preview,
    open_losses_now,
    sealed_cutoff,
)
from treasury.selectors.nav import units_moved_after
from treasury.selectors.policies import policy_get, version_in_force
from treasury.services.gates import distribution_hindrances
from treasury.services.ledger import post
from treasury.services.pools import paying_accounts_ensure
from treasury.services.turns import turn_take

DISTRIBUTION_MAKE: Final = "distribution.make"


def preview_now(*, book: str, policy_code: str, period: str) -> Preview:
    """What would be paid now; changes nothing.

    `period`: `2026-11` or `2026-11-30`, not after today. Raises PolicyUnknown, and
    DistributionHindered where the period is none or nothing is sealed yet.
    """
    _period_check(period)
    version = version_in_force(policy=policy_get(policy_code), at=now())
    cutoff = sealed_cutoff(book=book)
    if cutoff is None:
        raise errors.DistributionHindered(f"no entry of the {book} book is sealed yet")
    return distribution_preview(
        book=book,
        period=period,
        version=version,
        cutoff=cutoff,
        open_losses=open_losses_now(book=book),
    )


def told(preview: Preview) -> list[str]:
    """For each place what would be paid, and from what, in words."""
    both = zip(preview.figures, preview.outcomes, strict=True)
    return [
        f"{one.place.name} {decimal_text(outcome.paid)} {one.place.currency} "
        f"({', '.join(f'{name} {amount}' for name, amount in _figures(one)['from'].items())})"
        for one, outcome in both
    ] or ["no account and no stream is under the policy"]


def distribution_propose(
    *, book: str, policy_code: str, period: str, reason: str, actor: str
) -> Request:
    """Ask a second person for the distribution as it stands now.

    Raises as `preview_now` and `distribution_check`, and NothingToDistribute.
    """
    preview = preview_now(book=book, policy_code=policy_code, period=period)
    if preview.draft is None:
        raise errors.NothingToDistribute(f"nothing to distribute: {'; '.join(told(preview))}")
    payload = {
        "book": book,
        "period": period,
        "policy": policy_code,
        "version_id": preview.version.pk,
        "cutoff_id": preview.cutoff.pk,
        "open_losses": {str(key): loss for key, loss in preview.open_losses.items()},
        "idem_key": preview.idem_key,
        "entry_sha256": request_sha256(preview.draft),
    }
    return request_ask(
        kind=DISTRIBUTION_MAKE,
        subject=f"distribution {preview.idem_key}",
        payload=payload,
        reason=reason,
        actor=actor,
    )


def distribution_check(payload: Payload) -> None:
    """Refuse what would pay twice, pay something else by now, or may not be paid now.

    Raises DistributionHindered with all reasons, and DistributionChanged: it is made already, the
    ledger says something else, or open positions have lost more since it was proposed.
    """
    if Entry.objects.filter(idem_key=payload["idem_key"]).exists():
        raise errors.DistributionChanged(f"{payload['idem_key']} is made already")
    reasons = distribution_hindrances(book=payload["book"])
    if reasons:
        raise errors.DistributionHindered("; ".join(reasons))
    preview = _as_proposed(payload)
    _draft_of(preview, payload)
    for account_id, loss in open_losses_now(book=payload["book"]).items():
        if loss < preview.open_losses.get(account_id, Decimal(0)):
            raise errors.DistributionChanged("open positions have lost more since; propose again")


def distribution_words(payload: Payload) -> str:
    """In one sentence what will be paid, to whom, from what."""
    preview = _as_proposed(payload)
    version = preview.version
    head = f"Distribute of the {preview.book} book for {preview.period}"
    by = f"{version.policy.code} version {version.version}"
    return f"{head} by {by}: {'; '.join(told(preview))}."


@transaction.atomic
def distribution_make(payload: Payload, request: Request) -> str:
    """Post the entry that was confirmed, raise the marks, and store what it came from.

    All in one transaction, in the policy's turn; a second time the key is taken. The database
    refuses an entry that two people did not see.
    """
    turn_take(f"policy:{payload['policy']}")
    distribution_check(payload)
    preview = _as_proposed(payload)
    draft = _draft_of(preview, payload)
    paying_accounts_ensure(drafts=[draft])
    posted = post(drafts=[draft], actor=request.requester)[0]
    made = _store(preview, posted.id, request)
    _marks_raise(preview.marks)
    record(
        names.DISTRIBUTION_MADE,
        subject=subject_of(Distribution, made.pk),
        trace_id=draft.trace_id,
        actor=request.requester,
        detail={"idem_key": draft.idem_key, "entry_id": posted.id, "paid": told(preview)},
    )
    return f"distributed by entry {posted.id}"


def _as_proposed(payload: Payload) -> Preview:
    return distribution_preview(
        book=payload["book"],
        period=payload["period"],
        version=PolicyVersion.objects.select_related("policy").get(id=payload["version_id"]),
        cutoff=Entry.objects.get(id=payload["cutoff_id"]),
        open_losses={int(key): Decimal(loss) for key, loss in payload["open_losses"].items()},
    )


def _draft_of(preview: Preview, payload: Payload) -> EntryDraft:
    """The draft, where it is still the one that was proposed. Raises DistributionChanged."""
    if preview.draft is None or request_sha256(preview.draft) != payload["entry_sha256"]:
        raise errors.DistributionChanged("it would pay something else by now; propose it again")
    for one in preview.figures:
        if isinstance(one, UnitFigures) and units_moved_after(
            currency=one.book.currency, cutoff=preview.cutoff.pk
        ):
            raise errors.DistributionChanged("units were issued or redeemed after its cut-off")
    return preview.draft


def _store(preview: Preview, entry_id: int, request: Request) -> Distribution:
    made = Distribution.objects.create(
        book=preview.book,
        period=preview.period,
        version=preview.version,
        cutoff=preview.cutoff,
        entry_id=entry_id,
        request=request,
        figures=[_figures(one) for one in preview.figures],
        made_at=now(),
    )
    DistributionSource.objects.bulk_create(
        DistributionSource(distribution=made, account_id=account_id, place=place)
        for account_id, place in preview.places.items()
    )
    return made


def _marks_raise(marks: Mapping[int, Mapping[int, Decimal]]) -> None:
    for account_id, raised in marks.items():
        for number, mark in raised.items():
            series = UnitSeries.objects.filter(account_id=account_id, number=number)
            series.filter(mark__lt=mark).update(mark=mark)


def _period_check(period: str) -> None:
    span = span_of(period)
    if span is None or span.starts_at > now():
        raise errors.DistributionHindered(
            f"expected a month such as 2026-11 or a day, not after today, was {period!r}"
        )


def _figures(one: ResultFigures | UnitFigures) -> dict[str, Any]:
    """As stored and told: plain decimal texts, without zeros."""
    if isinstance(one, ResultFigures):
        amounts = {
            "realised": one.realised,
            "distributed before": one.distributed,
            "shortfall": one.shortfall,
            "dust": one.dust,
            "open loss": one.open_loss,
        }
    else:
        amounts = {
            "net value": one.nav,
            "units": one.units,
            "price": one.price,
            "shortfall": one.shortfall,
        }
    named = {name: decimal_text(amount) for name, amount in amounts.items() if amount != 0}
    return {"place": one.place.name, "currency": one.place.currency, "from": named}
