"""Whether an entry could be ordered at the moment of its approval: drift, exposure, equity anew."""

from execution.selectors.previews import EntryPreview, entry_previews, lots_kept
from signals.models import Decision


def entry_unorderable(decision: Decision) -> str:
    """Return why none of the accounts that follow would take the entry now, '' where one would.

    What was shown for an account bounds it; where only some refuse, staging says why on each.
    """
    if decision.verb != "entry":
        return ""
    shown = lots_kept(decision) or {}
    previews = entry_previews(decision)
    whys = [_why_not(one, one.account.id in shown) for one in previews]
    return "; ".join(whys) if all(whys) else ""


def _why_not(preview: EntryPreview, is_shown: bool) -> str:
    judgement = preview.judgement
    reason = judgement.refusal or ("" if is_shown else "account_not_shown")
    if not reason:
        return ""
    words = f" ({judgement.words})" if judgement.words else ""
    return f"{preview.account.name}: {reason}{words}"
