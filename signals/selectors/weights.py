"""How much each lobe version counts now."""

from __future__ import annotations

from decimal import Decimal

from signals.models import LobeWeight


def weights_current() -> dict[tuple[str, str], Decimal]:
    """Return the newest weight of each (lobe, lobe version); one that is not there counts as 1."""
    rows = LobeWeight.objects.order_by("lobe", "lobe_version", "-version")
    newest = rows.distinct("lobe", "lobe_version")
    return {(row.lobe, row.lobe_version): row.weight for row in newest}
