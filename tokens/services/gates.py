"""What of the tokens stands in the way of a distribution."""

from fusion_project.events.clock import now
from tokens.rules.earning import SHARES
from tokens.rules.posting import DCT
from tokens.selectors.chain import chains_unready
from tokens.selectors.rules import rule_in_force
from treasury.models import HOUSE
from treasury.selectors.policies import policy_get, version_in_force


def chain_not_green(book: str) -> list[str]:
    """Each bound token of the book that is not GREEN and fresh; the trigger on entries holds it."""
    return chains_unready(book=book)


def house_splits_otherwise(book: str) -> list[str]:
    """The house's policy follows the rule of DCT, or it is said.

    A rule that was changed before there was a policy is asked for once more.
    """
    del book
    moment = now()
    rule = rule_in_force(token_code=DCT, at=moment).parameters
    bps = version_in_force(policy=policy_get(HOUSE), at=moment).bps
    if bps == {share: rule[f"{share}_bps"] for share in SHARES}:
        return []
    return ["the house's policy differs from the rule of DCT: ask for that rule once more"]
