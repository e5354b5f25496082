"""Guards of formats that are taught."""

from tests.guards.guard import Guard

_TAUGHT = "signals/dialects/taught.py"
_FORMATS = ("tests/unit/signals/dialects/test_taught.py",)
_KEPT = ("tests/integration/ops/test_formats.py",)

FORMATS = (
    Guard(
        "format: what fits none of a strategy's formats opens nothing",
        _TAUGHT,
        "    raise Refused(NOT_IN_FORMAT,",
        "    return reading\n    raise Refused(NOT_IN_FORMAT,",
        _FORMATS,
    ),
    Guard(
        "format: a needed member that is empty is missing",
        _TAUGHT,
        "            one.at in found and not says_nothing(found[one.at])\n",
        "            one.at in found\n",
        _FORMATS,
    ),
    Guard(
        "format: a member without a place is unknown",
        _TAUGHT,
        "{**placed, **self._without_place(found)}",
        "placed",
        _FORMATS,
    ),
    Guard(
        "format: no message fits two whole",
        "signals/dialects/format_checks.py",
        "        if _take_same(one, other):\n",
        "        if False:\n",
        _FORMATS,
    ),
    Guard(
        "format: former examples hold in every later version",
        "signals/services/formats.py",
        "    if gone is not None:\n",
        "    if False:\n",
        _KEPT,
    ),
    Guard(
        "format: a credential in an example is never kept",
        "signals/services/formats.py",
        "    document = _blanked(strategy, document)\n",
        "",
        _KEPT,
    ),
    Guard(
        "format: one has a name of its own and an example (trigger)",
        "signals/sql/strategies.sql",
        "        HAVING count(*) > 1 OR coalesce(f.told ->> 'name', '') = ''\n",
        "        HAVING false AND coalesce(f.told ->> 'name', '') = ''\n",
        _KEPT,
        in_database=True,
    ),
)
