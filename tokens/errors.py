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
