"""Guards of who may reach the database at all."""

from tests.guards.guard import Guard

_WALK = ("tests/integration/project/test_data_api.py",)
_PLANTED = ("tests/integration/project/test_check_database.py",)
_PARTITIONS = "fusion_project/events/sql/partitions.sql"
_STRANGERS = "fusion_project/postgres/closing/strangers.py"


def _closing(name: str, file: str, old: str, new: str, tests: tuple[str, ...] = _PLANTED) -> Guard:
    return Guard(f"rights: {name}", file, old, new, tests, in_database=True)


RIGHTS = (
    _closing(
        "a partition is closed to strangers by what makes it",
        _PARTITIONS,
        "        EXECUTE format('REVOKE ALL ON %I FROM ', p_partition) || v_part.who;\n",
        "        NULL;\n",
        _WALK,
    ),
    _closing(
        "a partition has row security from its first row",
        _PARTITIONS,
        "    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', p_partition);\n",
        "",
        _WALK,
    ),
    _closing(
        "a partition has the policy of its parent",
        _PARTITIONS,
        "AND p.policyname = 'our_roles'",
        "AND p.policyname = 'none'",
        _WALK,
    ),
    _closing(
        "nobody may call what a later migration makes",
        _STRANGERS,
        "    SELECT false, 'f', 'PUBLIC', 'EXECUTE' WHERE NOT EXISTS (",
        "    SELECT false, 'f', 'PUBLIC', 'EXECUTE' WHERE false AND NOT EXISTS (",
        _WALK,
    ),
    _closing(
        "default privileges are closed",
        _STRANGERS,
        "AND d.defaclnamespace IN (0, 'public'::regnamespace) AND {IS_STRANGER}",
        "AND false AND {IS_STRANGER}",
    ),
    _closing(
        "rights on single columns count",
        _STRANGERS,
        "WHERE column_of.attrelid = c.oid) a",
        "WHERE false) a",
    ),
    _closing(
        "row security is on",
        "fusion_project/postgres/closing/row_security.py",
        "        if not is_on:\n",
        "        if False:\n",
    ),
    _closing(
        "policies name our roles alone",
        "fusion_project/postgres/closing/row_security.py",
        "        if policies != expected:\n",
        "        if not policies:\n",
    ),
    _closing(
        "the app has no right that is not declared",
        "fusion_project/postgres/closing/app_rights.py",
        "        if set(held) != right:\n",
        "        if not set(held) >= right:\n",
    ),
    _closing(
        "a trigger that was switched off and on is seen",
        "fusion_project/postgres/closing/triggers.py",
        "ELSE t.tgenabled <> 'A' END",
        "ELSE t.tgenabled = 'D' END",
    ),
)
