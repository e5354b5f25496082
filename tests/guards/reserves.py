"""Guards of reserves: the tree, the chain of epochs, and the verifier."""

from tests.guards.guard import Guard

_UNIT = "tests/unit/tokens/test_reserves.py"
_TABLE = "tests/integration/tokens/test_reserves.py"
_VERIFIER = "tests/integration/tokens/test_verify_reserves.py"


def _rule(name: str, old: str, new: str) -> Guard:
    return Guard(f"reserves: {name}", "tokens/rules/reserves.py", old, new, (_UNIT,))


def _sql(name: str, old: str, new: str) -> Guard:
    return Guard(
        f"reserves: {name}", "tokens/sql/reserves.sql", old, new, (_TABLE,), in_database=True
    )


def _verifier(name: str, old: str, new: str, tests: str = _VERIFIER) -> Guard:
    return Guard(f"reserves: {name}", "docs/verify/verify_reserves.py", old, new, (tests,))


RESERVES = (
    _rule(
        "a sum counts in the hash above it",
        'one.sha256 + one.amount.to_bytes(SUM_BYTES, "big") for one in (left, right)',
        "one.sha256 for one in (left, right)",
    ),
    _rule("no amount is below zero", "if leaf.amount < 0:", "if False:"),
    _rule(
        "a node is no leaf",
        "hashlib.sha256(NODE_PREFIX + told)",
        "hashlib.sha256(LEAF_PREFIX + told)",
    ),
    _sql(
        "an epoch holds the hash of the one before",
        "OR NEW.previous <> coalesce(v_before.sha256, repeat('0', 64))",
        "",
    ),
    _sql(
        "an epoch's number is the next",
        "NEW.epoch <> coalesce(v_before.epoch, 0) + 1\n        OR ",
        "",
    ),
    _sql(
        "an epoch's text says what its columns say",
        "OR v_told ->> 'previous' IS DISTINCT FROM NEW.previous",
        "",
    ),
    _sql(
        "leaves are what the epoch says",
        "bool_or((o.leaves, o.sum) IS DISTINCT FROM (l.leaves, l.sum))",
        "false",
    ),
    _sql("no leaf comes later", "WHERE coalesce(o.leaves, 0) <= b.last", "WHERE false"),
    Guard(
        "reserves: a liability below zero is not summed",
        "tokens/services/reserves.py",
        "if row.balance > 0:",
        "if False:",
        (_TABLE,),
    ),
    Guard(
        "reserves: who takes an epoch waits for the other",
        "tokens/services/reserves.py",
        "    _turn_take(book)\n",
        "",
        ("tests/race/tokens/test_reserves.py",),
    ),
    _verifier("leaves give the root", "or root_of(found) != root_told(one)", ""),
    _verifier("a proof leads to the root", "or reached != root_told(owed)", ""),
    _verifier("an epoch holds the hash before", 'if told["previous"] != before:', "if False:"),
    _verifier("no amount is below zero in a file", "text.isdigit()", "True", _UNIT),
    _verifier("one signature for one text", "or scalar >= ORDER", "", _UNIT),
)
