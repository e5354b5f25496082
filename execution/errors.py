"""Facts that stop an execution service; the API answers with their `code` and `status`."""

from fusion_project.errors import DomainError


class ExecutionError(DomainError):
    """Execution refused."""

    code = "execution_refused"
    status = 409


class BodyUnreadable(ExecutionError):
    """The body is not what this endpoint reads."""

    code = "body_unreadable"
    status = 422


class BodyTooLarge(ExecutionError):
    """The body is larger than this endpoint takes."""

    code = "body_too_large"
    status = 413


class AccountMismatch(ExecutionError):
    """The executor is logged in to another account than its key is bound to."""

    code = "account_mismatch"


class InstanceConflict(ExecutionError):
    """Another running executor, or another copy of this one, holds this account."""

    code = "instance_conflict"


class HeartbeatOld(ExecutionError):
    """This run has told a later heartbeat, or another one under this number."""

    code = "heartbeat_old"


class WaitUnavailable(ExecutionError):
    """Nobody hears of work just now: poll by the clock, and ask to wait again later."""

    code = "wait_unavailable"
    status = 503


class DrillNotTraded(ExecutionError):
    """The strategy sends faults on purpose: no account may follow it."""

    code = "drill_not_traded"


class OrderNotMovable(ExecutionError):
    """The order's present state has no legal edge to the wanted one."""

    code = "order_not_movable"


class OrderNotUnknown(ExecutionError):
    """Only an order whose outcome is unknown is resolved by a person."""

    code = "order_not_unknown"


class NoteMissing(ExecutionError):
    """A person's word is kept with a note of what was found."""

    code = "note_missing"
    status = 400


class ZoneUnreadable(ExecutionError):
    """What is given as the zone of a broker's clock is none."""

    code = "zone_unreadable"
    status = 400


class DealNotHeld(ExecutionError):
    """The deal is not held, or what a person says of it cannot be."""

    code = "deal_not_held"


class ReportConflict(ExecutionError):
    """A report id came again with other content."""

    code = "report_conflict"


class SymbolNotMapped(ExecutionError):
    """The account has no such symbol map row."""

    code = "symbol_not_mapped"
    status = 404


class SymbolSheetMissing(ExecutionError):
    """The broker's contract is not known yet, so nobody can have compared it."""

    code = "symbol_sheet_missing"


class SymbolMapChanged(ExecutionError):
    """The symbol map row is not any more what the person saw."""

    code = "symbol_map_changed"


class SymbolMapTaken(ExecutionError):
    """The instrument or the broker symbol is bound otherwise; the message says what to do."""

    code = "symbol_map_taken"


class KeyNotLive(ExecutionError):
    """The key is revoked already or does not exist."""

    code = "key_not_live"


class ScopeUnknown(ExecutionError):
    """A key's scopes are orders:lease, reports:write and telemetry:write."""

    code = "scope_unknown"
    status = 400


class TargetUnknown(ExecutionError):
    """There is no such account, strategy or position."""

    code = "target_unknown"
    status = 404


class SwitchInvalid(ExecutionError):
    """A switch has one of three states and is turned for a reason."""

    code = "switch_invalid"
    status = 400


class SwitchNotRaised(ExecutionError):
    """It allows as much already."""

    code = "switch_not_raised"


class SwitchChanged(ExecutionError):
    """The switch was turned since it was asked for."""

    code = "switch_changed"


class ReasonMissing(ExecutionError):
    """Whoever closes something says why."""

    code = "reason_missing"
    status = 400


class SecondPersonNeeded(ExecutionError):
    """One person is not enough for this."""

    code = "second_person_needed"


class AccountInvalid(ExecutionError):
    """The account is there already, or a field is none."""

    code = "account_invalid"
    status = 400


class KeyInvalid(ExecutionError):
    """A key ends within 90 days, and what follows another one overlaps with it for a while."""

    code = "key_invalid"
    status = 400


class LimitInvalid(ExecutionError):
    """A limit of this name, scope or value cannot be set."""

    code = "limit_invalid"
    status = 422


class LimitRaiseUnconfirmed(ExecutionError):
    """A limit is raised, or set for a live account at first, with a second person's word alone."""

    code = "limit_raise_unconfirmed"


class LimitChanged(ExecutionError):
    """The limit was set since it was asked for."""

    code = "limit_changed"


class NothingDoubted(ExecutionError):
    """There is no such claim that waits for a person, or it is not any more what was shown."""

    code = "nothing_doubted"


class SignatureMissing(ExecutionError):
    """The key signs its calls, and this one is not signed."""

    code = "signature_missing"
    status = 401


class SignatureRefused(ExecutionError):
    """The signature is not that of this call."""

    code = "signature_refused"
    status = 401


class SignatureLate(ExecutionError):
    """The time that was signed is too far off."""

    code = "signature_late"
    status = 401


class NonceUsed(ExecutionError):
    """The call was made before: its nonce is known."""

    code = "nonce_used"
    status = 401


SIGNATURE_ERRORS = (SignatureMissing, SignatureRefused, SignatureLate, NonceUsed)


class TwinUnfit(ExecutionError):
    """The two accounts cannot be a live one and its paper twin."""

    code = "twin_unfit"


class TwinFollows(ExecutionError):
    """A paper twin follows what its live account follows, and nothing by itself."""

    code = "twin_follows"
