"""From which minor of the executor API an order can be read whole. Pure."""

from typing import Any, Final

# Columns of an order that came with a minor, whose members an older executor would not see.
SINCE_MINOR: Final = {
    "tif": 1,
    "good_until": 1,
    "deviation_points": 1,
    "spread_points_max": 1,
    "sl_distance": 1,
    "tp_distance": 1,
    "target_order_id": 3,
    "plan": 4,
}


def needs_minor(columns: dict[str, Any]) -> int:
    """Return the least minor that knows each of the columns that say something."""
    said = (since for name, since in SINCE_MINOR.items() if columns.get(name) not in (None, ""))
    return max(said, default=0)
