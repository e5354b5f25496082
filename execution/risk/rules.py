"""The one judgement of an entry: `ENTRY_RULES`, asked in order by everybody. Pure.

Staging and preview ask before there is an order, the claim before it is handed out, the permit at
each poll before it may be sent. The statement that hands it out asks the switches once more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from execution.risk.bounded import (
    COUNTS,
    DRIFT,
    EQUITY_AGE,
    MONEY,
    QUOTE_AGE,
    SPREAD,
    TIMES,
    doubted,
    limits_missing,
    not_measured,
)
from execution.risk.facts import EntryFacts
from execution.risk.limits import Breach
from execution.risk.planning import entry_foretold, entry_prices, entry_size
from execution.risk.stops import STOP_REASONS
from execution.rules.prices import PRICE_REASONS, PriceRefused, widens_stop
from execution.rules.sizing import ENTRY_SIZE_REASONS
from execution.rules.terms import FORETOLD
from signals.intake.provenance import grade_reaches


class Moment(StrEnum):
    """When an entry is judged, in the order in which it gets there.

    Answer: the webhook answers, and of the entry only its instrument counts. Amend: it is out, and
    shall fill at another price.
    """

    ANSWER = "answer"
    PREVIEW = "preview"
    STAGING = "staging"
    CLAIM = "claim"
    PERMIT = "permit"
    AMEND = "amend"


@dataclass(frozen=True, slots=True)
class EntryRule:
    """One rule: `judge` returns one of `reasons`, or '' where it has nothing against the entry.

    A rule about a bound returns it as a `Breach`, which names limit, value and bound.

    A rule that `makes_wait` keeps a staged entry back for now; any other refuses it for good where
    it is staged. At claim and permit both mean "not now": the entry stays until it may go or its
    time is over.

    A reason that `passes` may be gone a moment later: staging judges again, as long as the decision
    lives. What goes `by_market` is not asked while such a reason stands.
    """

    reasons: tuple[str, ...]
    moments: frozenset[Moment]
    judge: Callable[[EntryFacts], str | Breach]
    makes_wait: bool = False
    passes: bool = False
    by_market: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The first reason to refuse and the first to wait; '' for none.

    A reason that stays refuses before one that passes. `words` name limit, value and bound of the
    refusal, where it has them. `may_pass`: nothing refuses it but what may be gone a moment later.
    """

    refusal: str = ""
    wait: str = ""
    words: str = field(default="", compare=False)
    may_pass: bool = field(default=False, compare=False)

    @property
    def may_go(self) -> bool:
        return not self.refusal and not self.wait


def judge(facts: EntryFacts, moment: Moment) -> Judgement:
    """Ask every rule that names the moment, in order, until one refuses that stays."""
    wait = ""
    passing = Judgement()
    for rule in ENTRY_RULES:
        if moment not in rule.moments or (passing.refusal and rule.by_market):
            continue
        if not (found := rule.judge(facts)):
            continue
        reason, words = (found.reason, found.words) if isinstance(found, Breach) else (found, "")
        if rule.passes:
            passing = passing if passing.refusal else Judgement(reason, "", words, may_pass=True)
        elif rule.makes_wait:
            wait = wait or reason
        else:
            return Judgement(reason, "", words)
    return passing if passing.refusal else Judgement(wait=wait)


def _rule(
    reason: str,
    moments: frozenset[Moment],
    holds: Callable[[EntryFacts], bool],
    *,
    makes_wait: bool = False,
    passes: bool = False,
    by_market: bool = False,
) -> EntryRule:
    """A rule with one reason, given where `holds` says so."""

    def judge_it(facts: EntryFacts) -> str:
        return reason if holds(facts) else ""

    return EntryRule((reason,), moments, judge_it, makes_wait, passes, by_market)


def _is_too_late(facts: EntryFacts) -> bool:
    return facts.valid_until is not None and facts.valid_until <= facts.at


def _is_made_for_paper(facts: EntryFacts) -> bool:
    return facts.book == "live" and facts.env == "paper"


def _is_grade_too_low(facts: EntryFacts) -> bool:
    known = facts.book == "live" and facts.grade != ""
    return known and not grade_reaches(facts.grade, facts.live_grade_min)


def _is_unconfirmed(facts: EntryFacts) -> bool:
    return facts.symbol is not None and not facts.symbol.is_confirmed


def _has_no_sheet(facts: EntryFacts) -> bool:
    symbol = facts.symbol
    return symbol is not None and (symbol.scale is None or symbol.sheet is None)


def _has_no_quote(facts: EntryFacts) -> bool:
    return facts.quote_is_needed and facts.desk.quote is None


def _lacks_stop(facts: EntryFacts) -> bool:
    return facts.stop_is_required and not facts.leg.has_stop


def _widens_shared_stop(facts: EntryFacts) -> bool:
    """A netting position has one stop, that of the order filled last; none takes it away."""
    stop = facts.netting.stop
    return stop is not None and widens_stop(
        side=facts.side, current=stop, wanted=entry_prices(facts).sl
    )


def _shares_a_plan(facts: EntryFacts) -> bool:
    """On a netting account a trade with a plan has its position alone: its parts are of the whole.

    A reversal goes out once what it turns round is closed.
    """
    shares = facts.netting.plan_is_there or (facts.has_plan and facts.netting.is_shared)
    return shares and not facts.waits_for_flat


def _price_reason(facts: EntryFacts) -> str:
    try:
        entry_prices(facts)
    except PriceRefused as refused:
        return refused.reason
    return ""


def _size_reason(facts: EntryFacts) -> str | Breach:
    sized = entry_size(facts)
    return Breach(sized.reason, sized.words) if sized.words else sized.reason


_BEFORE_THE_ORDER: Final = frozenset({Moment.PREVIEW, Moment.STAGING})
# Whatever gives an entry a price.
_PRICED: Final = _BEFORE_THE_ORDER | {Moment.AMEND}
_BY_THE_SYMBOL: Final = _PRICED | {Moment.ANSWER}
_ALWAYS: Final = _BEFORE_THE_ORDER | {Moment.CLAIM, Moment.PERMIT}

ENTRY_RULES: tuple[EntryRule, ...] = (
    EntryRule(STOP_REASONS, frozenset(Moment), lambda facts: facts.stopped_by),
    _rule(
        "executor_silent", _BEFORE_THE_ORDER, lambda facts: facts.executor_is_silent, passes=True
    ),
    _rule("made_for_paper", _BEFORE_THE_ORDER, _is_made_for_paper),
    _rule("provenance_too_low", _BEFORE_THE_ORDER, _is_grade_too_low),
    _rule("stop_required", _ALWAYS, _lacks_stop),
    _rule("too_late", _ALWAYS, _is_too_late),
    _rule("trade_already_closed", _BEFORE_THE_ORDER, lambda facts: facts.is_trade_closed),
    EntryRule(("limits_missing",), _BEFORE_THE_ORDER, limits_missing),
    EntryRule(COUNTS.reasons, _BEFORE_THE_ORDER, COUNTS.judge),
    EntryRule(MONEY.reasons, _ALWAYS, MONEY.judge),
    EntryRule(EQUITY_AGE.reasons, _ALWAYS, EQUITY_AGE.judge, passes=True),
    EntryRule(TIMES.reasons, _ALWAYS, TIMES.judge),
    _rule("symbol_not_mapped", _BY_THE_SYMBOL, lambda facts: facts.symbol is None),
    _rule("symbol_not_confirmed", _BY_THE_SYMBOL, _is_unconfirmed),
    _rule("no_contract_sheet", _BY_THE_SYMBOL, _has_no_sheet),
    EntryRule(("equity_in_doubt", "sheet_in_doubt"), _ALWAYS, doubted),
    _rule("no_quote", _ALWAYS | _PRICED, _has_no_quote, passes=True),
    EntryRule(QUOTE_AGE.reasons, _ALWAYS | _PRICED, QUOTE_AGE.judge, passes=True),
    EntryRule(DRIFT.reasons, _ALWAYS | _PRICED, DRIFT.judge, by_market=True),
    EntryRule(SPREAD.reasons, _ALWAYS | _PRICED, SPREAD.judge, passes=True),
    EntryRule(("limit_not_measured",), _BEFORE_THE_ORDER, not_measured, by_market=True),
    _rule("netting_in_use", _ALWAYS, lambda facts: facts.netting.is_of_others),
    _rule("plan_not_shared", _ALWAYS, _shares_a_plan),
    _rule("account_not_shown", frozenset({Moment.STAGING}), lambda facts: not facts.is_shown),
    EntryRule(PRICE_REASONS, _PRICED, _price_reason, by_market=True),
    _rule("netting_widens_stop", _BEFORE_THE_ORDER, _widens_shared_stop, by_market=True),
    EntryRule(tuple(FORETOLD), _PRICED, entry_foretold, by_market=True),
    EntryRule(ENTRY_SIZE_REASONS, _BEFORE_THE_ORDER, _size_reason, by_market=True),
    _rule(
        "waits_for_exit",
        frozenset({Moment.CLAIM, Moment.PERMIT}),
        lambda facts: facts.netting.is_closing,
        makes_wait=True,
    ),
    _rule(
        "waits_for_flat",
        frozenset({Moment.PREVIEW, Moment.CLAIM}),
        lambda facts: facts.waits_for_flat and not facts.is_flat,
        makes_wait=True,
    ),
)
