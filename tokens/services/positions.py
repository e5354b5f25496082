"""Closed positions → token entries: what the handler `tokens.post_position` calls."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction

from execution.models import Position
from execution.selectors.positions import position_quality_get
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from tokens.errors import PositionNotPosted
from tokens.models import PositionAward, RuleVersion
from tokens.rules.earning import Quality
from tokens.rules.posting import DCT, TOKEN_CODES, Award, ClosedPosition, award_for, pool_account
from tokens.selectors.rules import rule_in_force
from tokens.services.shortfalls import pools_kept_whole
from treasury.models import HOUSE
from treasury.rules.accounts import account_kind
from treasury.rules.drafts import EntryDraft, reversal_of
from treasury.selectors.completeness import deals_unsettled_of_position
from treasury.selectors.entries import entry_as_draft, entry_standing_list
from treasury.selectors.policies import policy_code_of
from treasury.services.ledger import account_ensure, currency_ensure, post


@transaction.atomic
def position_post(*, position_id: int, actor: str = "system") -> list[PositionAward]:
    """Bring the token entries of a position in line with its present fold.

    Entries of former folds are reversed, those of the present one posted if it is closed; all in
    one posting. Idempotent: a second call changes nothing and answers with an empty list.
    Raises PositionNotPosted while the ledger lacks a deal of the position: tokens follow what is
    posted, and until then what stood for former folds stands.
    """
    # The row lock keeps two folds of the same position from being posted side by side.
    position = Position.objects.select_for_update(no_key=True, of=("self",)).get(id=position_id)
    _deals_posted_check(position)
    awards = PositionAward.objects.filter(position=position)
    former = awards.exclude(fold_revision=position.fold_revision)
    drafts = _reversals(position, former.exclude(entry=None).values_list("entry_id", flat=True))
    made: list[tuple[Award, RuleVersion]] = []
    is_earning = position.closed_at is not None and position.order_id is not None
    if is_earning and not awards.filter(fold_revision=position.fold_revision).exists():
        made = _awards_make(position)
        drafts += [award.draft for award, _ in made if award.draft is not None]
    _accounts_ensure(drafts)
    drafts += pools_kept_whole(book=position.account.book, drafts=drafts)
    entries = {posted.idem_key: posted.id for posted in post(drafts=drafts, actor=actor)}
    return [_award_store(position, award, rule, entries) for award, rule in made]


def _deals_posted_check(position: Position) -> None:
    missing = deals_unsettled_of_position(
        account_id=position.account_id, position_ticket=position.position_ticket
    )
    tickets = ", ".join(str(deal.ticket) for deal in missing)
    if tickets:
        raise PositionNotPosted(f"the ledger does not hold these deals yet: {tickets}")


def _reversals(position: Position, entry_ids: Iterable[int]) -> list[EntryDraft]:
    return [
        reversal_of(
            entry_as_draft(entry),
            event_at=position.closed_at or position.updated_at,
            source=subject_of(Position, position.pk),
            note=f"refolded as revision {position.fold_revision}",
        )
        for entry in entry_standing_list(entry_ids=list(entry_ids))
    ]


def _awards_make(position: Position) -> list[tuple[Award, RuleVersion]]:
    closed = _closed_position(position)
    made = []
    policy = policy_code_of(account_id=closed.account_id, at=closed.closed_at)
    for code in TOKEN_CODES:
        rule = rule_in_force(token_code=code, at=closed.closed_at)
        if code == DCT and policy != HOUSE:
            why = f"the account is under the policy {policy}: nothing accrues to DCT"
            made.append((Award(DCT, Decimal(0), None, why), rule))
            continue
        decimals = rule.token.decimals
        made.append((award_for(code, closed, rule.parameters, decimals=decimals), rule))
    return made


def _closed_position(position: Position) -> ClosedPosition:
    account = position.account
    quality = position_quality_get(position_id=position.pk)
    assert position.closed_at is not None
    return ClosedPosition(
        source=subject_of(Position, position.pk),
        account_id=account.pk,
        position_ticket=position.position_ticket,
        fold_revision=position.fold_revision,
        book=account.book,
        currency=account.currency,
        currency_scale=currency_ensure(code=account.currency).scale,
        trace_id=position.trace_id,
        closed_at=position.closed_at,
        quality=Quality(
            p_final=position.decision.p_final if position.decision else None,
            net=position.net_of_ours,
            entry_slippage_bps=quality.entry_slippage_bps,
            exit_slippage_bps=quality.exit_slippage_bps,
            ack_latency_ms=quality.ack_latency_ms,
        ),
    )


def _accounts_ensure(drafts: Sequence[EntryDraft]) -> None:
    """Sorted, so that two workers that make the same accounts wait in the same order."""
    pools = {pool_account(code) for code in TOKEN_CODES}
    wanted = {
        (draft.book, line.account_code, line.currency) for draft in drafts for line in draft.lines
    }
    for book, code, currency in sorted(wanted):
        # Nobody can take more units out of the pool than were issued into it.
        floor = Decimal(0) if code in pools else None
        account_ensure(
            code=code, book=book, currency=currency, kind=account_kind(code), floor=floor
        )


def _award_store(
    position: Position, award: Award, rule: RuleVersion, entries: dict[str, int]
) -> PositionAward:
    entry_id = entries[award.draft.idem_key] if award.draft is not None else None
    return PositionAward.objects.create(
        position=position,
        fold_revision=position.fold_revision,
        token_id=rule.token_id,
        rule=rule,
        amount=award.amount,
        entry_id=entry_id,
        reason=award.reason,
        at=now(),
    )
