"""Whether the app's role may do exactly what the apps declare, no more and no less."""

from collections import defaultdict
from collections.abc import Iterator

from psycopg import sql

from fusion_project.postgres.closing.fault import Fault, rows, statement
from fusion_project.postgres.closing.ours import FUNCTIONS, RELATIONS, Roles
from fusion_project.postgres.grants import SEQUENCE_RIGHTS, functions_declared, table_rights

# A right on single columns reads `UPDATE (state)`.
_HELD = f"""
    SELECT c.relname, c.relkind::text, c.relispartition,
        ARRAY(SELECT a.privilege_type || CASE WHEN a.is_grantable THEN ' to others' ELSE '' END
            FROM aclexplode(c.relacl) a WHERE a.grantee = %(app_id)s
            UNION ALL
            SELECT a.privilege_type || ' (' || column_of.attname || ')'
            FROM pg_catalog.pg_attribute column_of, aclexplode(column_of.attacl) a
            WHERE column_of.attrelid = c.oid AND a.grantee = %(app_id)s)
    FROM ({RELATIONS}) c ORDER BY 1"""
_CALLED = f"""
    SELECT p.oid, p.signature FROM ({FUNCTIONS}) p CROSS JOIN LATERAL aclexplode(p.acl) a
    WHERE a.grantee = %(app_id)s ORDER BY 2"""
_DECLARED = """
    SELECT declared, f.oid, f.proowner
    FROM unnest(%(declared)s::text[]) declared
        LEFT JOIN pg_catalog.pg_proc f ON f.oid = to_regprocedure(declared)"""
_USES_SCHEMA = "SELECT has_schema_privilege(%(app)s, 'public', 'USAGE')"


def app_faults(roles: Roles) -> list[Fault]:
    """Rights of the app's role that are missing or too many; none where it has no role."""
    if roles.app is None:
        return []
    return [*_schema(roles), *_relations(roles, roles.app), *_functions(roles, roles.app)]


def _schema(roles: Roles) -> Iterator[Fault]:
    if rows(_USES_SCHEMA, roles.values) != [(True,)]:
        grant = statement("GRANT USAGE ON SCHEMA public TO {app}", app=roles.app or "")
        yield Fault(f"schema public: {roles.app} may not use it", (grant,))


def _relations(roles: Roles, app: str) -> Iterator[Fault]:
    for name, kind, is_partition, held in rows(_HELD, roles.values):
        if kind == "S":
            right = SEQUENCE_RIGHTS
        elif is_partition:
            right = frozenset()  # reached through its parent
        else:
            right = table_rights(name)
        if set(held) != right:
            word = "SEQUENCE" if kind == "S" else "TABLE"
            repairs = [
                statement(
                    f"REVOKE ALL ON {word} public.{{name}} FROM {{app}} CASCADE", name=name, app=app
                )
            ]
            if right:
                repairs.append(
                    statement(
                        f"GRANT {{rights}} ON {word} public.{{name}} TO {{app}}",
                        rights=_rights(right),
                        name=name,
                        app=app,
                    )
                )
            yield Fault(
                f"{word.lower()} {name}: {_difference(app, set(held), right)}", tuple(repairs)
            )


def _difference(app: str, held: set[str], right: frozenset[str]) -> str:
    surplus, missing = ", ".join(sorted(held - right)), ", ".join(sorted(right - held))
    too_much = f"{app} may also {surplus}" if surplus else ""
    too_little = f"{app} may not {missing}" if missing else ""
    return " and ".join(filter(None, (too_much, too_little)))


def _rights(rights: frozenset[str]) -> sql.Composable:
    """`UPDATE (a)` and `UPDATE (b)` as they stand in one GRANT."""
    columns: dict[str, list[sql.Identifier]] = defaultdict(list)
    parts: list[sql.Composable] = []
    for right in sorted(rights):
        verb, _, column = right.rstrip(")").partition(" (")
        if column:
            columns[verb].append(sql.Identifier(column))
        else:
            parts.append(sql.SQL(verb))
    for verb, names in columns.items():
        parts.append(sql.SQL("{} ({})").format(sql.SQL(verb), sql.SQL(", ").join(names)))
    return sql.SQL(", ").join(parts)


def _functions(roles: Roles, app: str) -> Iterator[Fault]:
    called = dict(rows(_CALLED, roles.values))
    declared = rows(_DECLARED, {"declared": functions_declared()})
    for signature, oid, owner in declared:
        if oid is None:
            yield Fault(
                f"function {signature}: is declared but not there",
                by_hand="DATABASE_ROLE=owner manage.py migrate",
            )
        elif oid not in called and owner == roles.owner_id:
            grant = statement(f"GRANT EXECUTE ON FUNCTION {signature} TO {{app}}", app=app)
            yield Fault(f"function {signature}: {app} may not EXECUTE", (grant,))
    for oid in called.keys() - {oid for _, oid, _ in declared}:
        revoke = statement(f"REVOKE ALL ON ROUTINE {called[oid]} FROM {{app}} CASCADE", app=app)
        yield Fault(f"function {called[oid]}: {app} may also EXECUTE", (revoke,))
