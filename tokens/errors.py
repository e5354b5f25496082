"""Facts that stop a token service."""

from fusion_project.errors import DomainError


class TokenUnknown(DomainError):
    code = "token_unknown"
    status = 404


class RuleParametersInvalid(DomainError):
    """The parameters do not fit the token's rule; nothing was stored."""

    code = "rule_parameters_invalid"
    status = 400


class RuleBackdated(DomainError):
    """A rule takes effect from now on or later: what was posted was posted by the old one."""

    code = "rule_backdated"


class NoRuleInForce(DomainError):
    """The token has no rule that was valid when the position closed."""

    code = "no_rule_in_force"


class PositionNotPosted(DomainError):
    """The ledger does not hold all deals of the position yet; tokens follow it later."""

    code = "position_not_posted"


class AddressInvalid(DomainError):
    """What should be an address on the chain is none, or one of another network."""

    code = "address_invalid"
    status = 400


class ChainUnknown(DomainError):
    """What the chain holds is not known now; the text says why. It is never taken for zero."""

    code = "chain_unknown"


class ChainAnswerUnreadable(ChainUnknown):
    """A source answered with something that is no answer."""

    code = "chain_answer_unreadable"


class BindingInvalid(DomainError):
    """The token cannot be bound so; nothing was stored."""

    code = "binding_invalid"
    status = 400


class BindingNotFound(DomainError):
    """The token is not bound in this book."""

    code = "binding_not_found"
    status = 404


class BindingNotFrozen(DomainError):
    """Only what is frozen is released."""

    code = "binding_not_frozen"


class IntentInvalid(DomainError):
    """This cannot be intended on the chain; nothing was stored."""

    code = "intent_invalid"
    status = 400


class CapExceeded(IntentInvalid):
    """More would be minted than the token's cap allows."""

    code = "cap_exceeded"


class IntentNotFound(DomainError):
    """There is no such intent."""

    code = "intent_not_found"
    status = 404


class IntentEnded(DomainError):
    """The intent is not open any more."""

    code = "intent_ended"


class ReservesRefused(DomainError):
    """No snapshot can be taken of this book now; nothing was stored."""

    code = "reserves_refused"


class NothingOwed(ReservesRefused):
    """The book owes nobody anything, so there is nothing to tell."""

    code = "nothing_owed"
