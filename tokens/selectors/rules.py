"""Which rule was in force when."""

from datetime import datetime

from tokens.errors import NoRuleInForce
from tokens.models import RuleVersion


def rule_in_force(*, token_code: str, at: datetime) -> RuleVersion:
    """The newest rule of the token that was valid at that time. Raises NoRuleInForce."""
    known = RuleVersion.objects.select_related("token").filter(token__code=token_code)
    rule = known.filter(valid_from__lte=at).order_by("-valid_from").first()
    if rule is None:
        raise NoRuleInForce(f"{token_code} has no rule at {at.isoformat()}")
    return rule
