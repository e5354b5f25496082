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


class ReportConflict(ExecutionError):
    """A report id came again with other content."""

    code = "report_conflict"


class SymbolNotMapped(ExecutionError):
    """The account has no such symbol map row."""

    code = "symbol_not_mapped"
    status = 404


class SymbolMapChanged(ExecutionError):
    """The symbol map row is not any more what the person saw."""

    code = "symbol_map_changed"


class KeyNotLive(ExecutionError):
    """The key is revoked already or does not exist."""

    code = "key_not_live"


class ScopeUnknown(ExecutionError):
    """A key's scopes are orders:lease, reports:write and telemetry:write."""

    code = "scope_unknown"
    status = 400


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
