"""What would become of one message: every check of the intake in its order, in words. Pure.

Judges the message alone. What else the intake knows (former alerts, the strategy's switch) is
looked up by the pages that may see it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from fusion_project.text.formats import seconds_between, span
from signals.dialects import closed_world
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.registry import DIALECTS, dialect_of, read_alert, stored_body
from signals.dialects.rounding import NOISE, ROUNDED
from signals.dialects.settled import NOTHING, Settled
from signals.dialects.taught import NOT_IN_FORMAT, TaughtFormat
from signals.intake import reasons
from signals.intake.duplicates import carries_identity, intent_key
from signals.intake.outlook import OF_THE_ALERT, Outlook, order_rule, order_words
from signals.intake.parsing import BODY_BYTES_MAX, Content, Message, Unreadable
from signals.intents.intent import Intent
from signals.intents.symbols import SymbolUnreadable, instrument_of
from signals.intents.words import NO_STOP
from signals.lint.hints import hints_of

STALE_SECONDS: Final = 120
FUTURE: Final = timedelta(seconds=30)
ACCEPT, REFUSE = "accept", "refuse"
PASS, FAIL, NOTE, SKIP = "pass", "fail", "note", "skip"
_SOURCES: Final = {
    "default": "by declared default",
    "derived": "worked out from the rest",
    "undeclared": "in a unit that nobody declared, so it does not count",
    "ignored": "ignored",
    ROUNDED: "rounded to ten decimal places",
}
_FAILING_PLACES: Final = {
    "too_large": "size",
    "not_utf8": "text",
    "empty_body": "text",
    "dialect_not_allowed": "dialect",
    NOT_IN_FORMAT: "dialect",
    closed_world.RULE: "members",
}
BARE: Final = (
    "It opens a short: nothing in it could say that a sell closes a long. If that is what is meant,"
    " send exit as the action, or the position afterwards; or teach the strategy your format."
)
_SYMBOL_CODES: Final = ("unknown_symbol", "ambiguous_symbol", "no_symbol", "symbol_too_long")
TITLES: Final[dict[str, str]] = {
    "size": "Size",
    "text": "Text",
    "syntax": "Syntax",
    "dialect": "Dialect",
    "credential": "Credential",
    "members": "Members",
    "meaning": "Meaning",
    "symbol": "Symbol",
    "stop": "Stop",
    "accounts": "Accounts",
    "expiry": "Expiry",
    "age": "Age",
    "clock": "Sender's clock",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LintPolicy:
    """What of a strategy the judgement of a message depends on; no dialects means all."""

    slug: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    stale_seconds: int = STALE_SECONDS
    stop_is_required: bool = True
    outlook: Outlook | None = None
    dialects: Collection[str] = ()
    settled: Settled = NOTHING
    formats: tuple[TaughtFormat, ...] = ()
    bytes_max: int = BODY_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `outcome` is pass, fail, note (nothing to pass or fail) or skip (not reached)."""

    name: str
    outcome: str
    words: str

    @property
    def title(self) -> str:
        """The name for people."""
        return TITLES[self.name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """The judgement. `reason` is empty where the message is accepted, `reading` set where it
    could be read, even if a rule about time then refuses it. `entry_rule` refuses the entry of a
    reversal whose exit passes; `order_rule` lets the entry be decided and never ordered. `finding`
    says what exactly is wrong, `hints` what often is. `unknown` names the members that nobody
    understood.
    """

    verdict: str
    reason: str
    advice: str
    dialect: str
    reading: Reading | None
    checks: tuple[Check, ...]
    duplicate_keys: tuple[tuple[str, str], ...] = ()
    entry_rule: str = ""
    order_rule: str = ""
    finding: str = ""
    hints: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def intent(self) -> Intent | None:
        """What the message asks for, as far as it could be read."""
        return self.reading.intent if self.reading else None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, one line of `lint_alert --format jsonl`."""
        return {
            "verdict": self.verdict,
            "reason": self.reason or None,
            "dialect": self.dialect or None,
            "intent": self.intent.to_dict() if self.intent else None,
        }


def lint(raw: bytes, *, now: datetime, policy: LintPolicy | None = None) -> Lint:
    """Judge the bytes of one message as the intake would at `now` (aware)."""
    policy = policy or LintPolicy()
    checks: list[Check] = []
    dialect = ""
    try:
        content = _content(raw, policy, checks)
        dialect = _dialect(content, checks, policy.formats)
        checks.append(_credential(content, policy.formats))
        defaults = StrategyDefaults(policy.slug, policy.defaults, policy.settled, policy.formats)
        reading = read_alert(content, defaults, policy.dialects)
    except Unreadable as error:
        place = _failing_place(error.code, checks)
        passed = [check for check in checks if check.name != place]
        failed = Check(place, FAIL, _words(error))
        judged = _judged(error.code, dialect, None, [*passed, failed])
        unknown = error.unknown if isinstance(error, Refused) else ()
        hints = hints_of(raw, error)
        return replace(judged, finding=error.message, hints=hints, unknown=unknown)
    order = order_rule(
        reading.intent, stop_is_required=policy.stop_is_required, outlook=policy.outlook
    )
    ordered = [_stop(reading.intent, policy), _accounts(reading.intent, policy)]
    members = _members(reading)
    checks += [members, _meaning(reading.intent), _symbols(reading.intent), *ordered]
    aged = list(_age_checks(reading, now, policy.stale_seconds))
    reason = reading.entry_rule or age_rule(reading, now=now, stale_seconds=policy.stale_seconds)
    entry_rule = ""
    if reason and reading.intent.lowers_risk:
        # A reversal: its exit passes, its entry is born with its time over.
        reason, entry_rule = "", reason
    judged = _judged(reason, reading.dialect, reading, [*checks, *aged])
    return replace(
        judged,
        entry_rule=entry_rule,
        order_rule=order[0],
        finding=_first_failed([members, *aged, *ordered]),
        unknown=tuple(reading.unknown),
        hints=(BARE,) if _opens_unsaid(reading) else (),
    )


def age_rule(reading: Reading, *, now: datetime, stale_seconds: int) -> str:
    """Return why an entry is too late or too early, in the order of `signals_accept`, or ''."""
    if not reading.intent.has_entry:
        return ""
    expires_at = reading.intent.expires_at
    if expires_at is not None and expires_at <= now:
        return "expired"
    oldest = _oldest(reading)
    if oldest is not None and now - oldest > timedelta(seconds=stale_seconds):
        return "stale"
    if reading.sent_at is not None and reading.sent_at > now + FUTURE:
        return "from_future"
    return ""


def duplicate_keys(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return what makes a later message the same alert: the rule and, in words, its key."""
    has_identity = carries_identity(reading.intent, reading.sent_at)
    sender_id = reading.intent.sender_id
    lacks = "no id, no time" if sender_id is None else "no time"
    keys = [("same_bytes", "at any time" if has_identity else f"within 30 s: it has {lacks}")]
    if sender_id is not None:
        alike = "" if reading.id_is_unique else ", with the same content and time"
        keys.append(("same_id", f"{sender_id}{alike}"))
    key = intent_key(reading.intent, id_is_deterministic=reading.id_is_deterministic)
    if key is not None:
        keys.append(("same_intent", key))
    return tuple(keys)


def _judged(reason: str, dialect: str, reading: Reading | None, checks: list[Check]) -> Lint:
    reached = {check.name for check in checks}
    missing = [Check(name, SKIP, "not reached") for name in TITLES if name not in reached]
    order = list(TITLES)
    return Lint(
        verdict=REFUSE if reason else ACCEPT,
        reason=reason,
        advice=reasons.message_of(reason) if reason else "",
        dialect=dialect,
        reading=reading,
        checks=tuple(sorted([*checks, *missing], key=lambda check: order.index(check.name))),
        duplicate_keys=duplicate_keys(reading) if reading else (),
    )


def _content(raw: bytes, policy: LintPolicy, checks: list[Check]) -> Content:
    content = Message(raw, policy.bytes_max).read()
    checks.append(Check("size", PASS, f"{len(raw)} bytes of at most {policy.bytes_max}"))
    checks.append(Check("text", PASS, f"UTF-8, {len(content.text)} characters"))
    return content


def _dialect(content: Content, checks: list[Check], formats: Collection[TaughtFormat]) -> str:
    found = dialect_of(content, formats)
    if content.is_json:
        noise = (
            "; digits past the tenth are noise and are rounded"
            if NOISE.search(content.text)
            else ""
        )
        checks.append(Check("syntax", PASS, f"strict JSON within the limits{noise}"))
    else:
        checks.append(Check("syntax", NOTE, "no JSON; read as text"))
    others = [one.name for one in DIALECTS if one is not found and one.claims(content)]
    also = f"; also looks like {', '.join(others)}, which are asked later" if others else ""
    checks.append(Check("dialect", PASS, found.name + also))
    return found.name


def _opens_unsaid(reading: Reading) -> bool:
    """Whether it opens a short because nothing says that it closes a long."""
    intent = reading.intent
    return (
        any(leg.is_entry and leg.side == "sell" for leg in intent.legs)
        and not intent.lowers_risk
        and reading.position is None
        and not reading.id_is_unique
    )


def _failing_place(code: str, checks: Iterable[Check]) -> str:
    """The check at which the reading stopped."""
    if code in _FAILING_PLACES:
        return _FAILING_PLACES[code]
    if any(check.name == "dialect" for check in checks):
        return "symbol" if code in _SYMBOL_CODES else "meaning"
    return "dialect" if code in ("unknown_dialect", "unknown_text") else "syntax"


def _words(error: Unreadable) -> str:
    hint = reasons.message_of(error.code)
    return f"{error.message} {hint}".strip()


def _members(reading: Reading) -> Check:
    """What nobody understood: it stops an entry, and is told where it stops nothing."""
    if not reading.unknown:
        return Check("members", PASS, "each is understood, harmless or settled")
    named = closed_world.names_text(reading.unknown)
    if reading.entry_rule:
        return Check("members", FAIL, f"not understood: {named}; the exit passes, the entry not")
    if reading.intent.kind == "test":
        return Check("members", NOTE, f"an entry would be refused for: {named}")
    return Check("members", NOTE, f"not understood, and left out: {named}")


def _meaning(intent: Intent) -> Check:
    """What the message did not say itself is named, as the intent's `sources` do."""
    if not intent.sources:
        return Check("meaning", PASS, "all of it said by the message itself")
    parts = [
        f"{_member_words(name, intent)} {_SOURCES.get(source, source)}"
        for name, source in sorted(intent.sources.items())
    ]
    # What was said and does not count deserves a look.
    counts = not {"undeclared", "ignored"} & set(intent.sources.values())
    return Check("meaning", PASS if counts else NOTE, f"not said outright: {'; '.join(parts)}")


def _member_words(name: str, intent: Intent) -> str:
    legs, _, rest = name.partition(".")
    number, _, member = rest.partition(".")
    if legs != "legs" or not number.isdigit():
        return name
    return member if len(intent.legs) == 1 else f"{member} of leg {int(number) + 1}"


def _symbols(intent: Intent) -> Check:
    named = {leg.symbol_raw for leg in intent.legs if leg.symbol_raw}
    if not named:
        return Check("symbol", NOTE, "none named")
    try:
        words = [f"{symbol} is the instrument {instrument_of(symbol)}" for symbol in sorted(named)]
    except SymbolUnreadable as error:  # every dialect has checked it before
        return Check("symbol", FAIL, str(error))
    return Check("symbol", PASS, "; ".join(words))


def _stop(intent: Intent, policy: LintPolicy) -> Check:
    """Whether each entry names one, and a price: rules of those who make orders."""
    entries = [leg for leg in intent.legs if leg.is_entry]
    if not entries:
        return Check("stop", NOTE, "only an entry needs one")
    rule, _ = order_rule(intent, stop_is_required=False, outlook=None)
    if rule:
        return Check("stop", FAIL, order_words(rule, ""))
    if all(leg.has_stop for leg in entries):
        return Check("stop", PASS, "named by the entry")
    if not policy.stop_is_required:
        return Check("stop", NOTE, f"{NO_STOP}; the strategy's policy says that it is optional")
    unless = "" if policy.slug else ", unless the strategy's policy says that it is optional"
    return Check("stop", FAIL, f"the entry names no stop, so it is not ordered{unless}")


def _accounts(intent: Intent, policy: LintPolicy) -> Check:
    """Whether an account that follows the strategy trades what the entry names."""
    if not intent.has_entry:
        return Check("accounts", NOTE, "asked about entries only")
    if policy.outlook is None:
        return Check("accounts", NOTE, "nothing is known of accounts here")
    rule, instrument = order_rule(intent, stop_is_required=False, outlook=policy.outlook)
    if rule and rule not in OF_THE_ALERT:
        return Check("accounts", FAIL, order_words(rule, instrument))
    return Check("accounts", PASS, "an account that follows the strategy trades it")


def _credential(content: Content, formats: Collection[TaughtFormat]) -> Check:
    if stored_body(content.raw, content, (), formats=formats) != content.raw:
        return Check("credential", NOTE, "carries one; it is blanked before anything is stored")
    return Check("credential", NOTE, "carries none; the secret stands in the webhook's address")


def _age_checks(reading: Reading, now: datetime, stale_seconds: int) -> Iterable[Check]:
    if not reading.intent.has_entry:
        for name in ("expiry", "age", "clock"):
            yield Check(name, NOTE, "only entries age; what lowers risk always passes")
        return
    reversal = ". The exit passes, the entry would not." if reading.intent.lowers_risk else ""
    expires_at, oldest, sent_at = reading.intent.expires_at, _oldest(reading), reading.sent_at
    if expires_at is None:
        yield Check("expiry", NOTE, "the message names none")
    else:
        yield _timed("expiry", expires_at > now, f"valid until {_text(expires_at)}", reversal)
    if oldest is None:
        yield Check(
            "age", NOTE, "no time in the message: its age cannot be judged; send {{timenow}}"
        )
    else:
        age = now - oldest
        words = f"from {_text(oldest)}, {_age_words(seconds_between(oldest, now), stale_seconds)}"
        yield _timed("age", age <= timedelta(seconds=stale_seconds), words, reversal)
    if sent_at is None:
        yield Check("clock", NOTE, "the message does not say when it was sent")
    else:
        words = f"sent at {_text(sent_at)}, judged at {_text(now)}"
        yield _timed("clock", sent_at <= now + FUTURE, words, reversal)


def _age_words(seconds: Decimal, stale_seconds: int) -> str:
    if seconds < 0:
        return f"{span(-seconds)} ahead of the clock here"
    return f"{span(seconds)} old of at most {span(stale_seconds)}"


def _timed(name: str, holds: bool, words: str, reversal: str) -> Check:
    return Check(name, PASS, words) if holds else Check(name, FAIL, words + reversal)


def _oldest(reading: Reading) -> datetime | None:
    known = [at for at in (reading.signalled_at, reading.sent_at) if at is not None]
    return min(known, default=None)


def _first_failed(checks: Iterable[Check]) -> str:
    """What the first failed check says, as a sentence."""
    words = next((check.words for check in checks if check.outcome == FAIL), "")
    return f"{words[:1].upper()}{words[1:].removesuffix('.')}." if words else ""


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
