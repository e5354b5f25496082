"""What PUBLIC, the data API's roles and other strangers may do with what is ours."""

from fusion_project.postgres.closing.fault import Fault, grantee, rows, statement
from fusion_project.postgres.closing.ours import (
    DATA_API_ROLES,
    FUNCTIONS,
    IS_STRANGER,
    RELATIONS,
    Roles,
)

_OPEN_RELATIONS = f"""
    SELECT c.relkind = 'S', c.relname, coalesce(r.rolname, 'PUBLIC'),
        string_agg(DISTINCT a.privilege_type, ', ')
    FROM ({RELATIONS}) c
        CROSS JOIN LATERAL (
            SELECT whole.grantee, whole.privilege_type FROM aclexplode(c.relacl) whole
            UNION ALL
            SELECT part.grantee, part.privilege_type
            FROM pg_catalog.pg_attribute column_of, aclexplode(column_of.attacl) part
            WHERE column_of.attrelid = c.oid) a
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
    WHERE {IS_STRANGER}
    GROUP BY 1, 2, 3 ORDER BY 2, 3"""
_OPEN_FUNCTIONS = f"""
    SELECT p.signature, coalesce(r.rolname, 'PUBLIC')
    FROM ({FUNCTIONS}) p CROSS JOIN LATERAL aclexplode(p.acl) a
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
    WHERE {IS_STRANGER}
    ORDER BY 1, 2"""
# PUBLIC may call each new function unless a global entry of its owner says otherwise.
_OPEN_DEFAULTS = f"""
    SELECT d.defaclnamespace <> 0, d.defaclobjtype::text, coalesce(r.rolname, 'PUBLIC'),
        string_agg(a.privilege_type, ', ')
    FROM pg_catalog.pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) a
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
    WHERE d.defaclrole = %(owner_id)s AND d.defaclobjtype IN ('r', 'S', 'f')
        AND d.defaclnamespace IN (0, 'public'::regnamespace) AND {IS_STRANGER}
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT false, 'f', 'PUBLIC', 'EXECUTE' WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_default_acl d WHERE d.defaclrole = %(owner_id)s
            AND d.defaclobjtype = 'f' AND d.defaclnamespace = 0)
    ORDER BY 1, 2, 3"""
_MAKERS = """
    SELECT coalesce(r.rolname, 'PUBLIC') FROM pg_catalog.pg_namespace n
        CROSS JOIN LATERAL aclexplode(n.nspacl) a
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
    WHERE n.nspname = 'public' AND a.privilege_type = 'CREATE'
        AND (a.grantee = 0 OR r.oid = %(app_id)s OR r.rolname = ANY(%(data_api)s))
    ORDER BY 1"""
_PLURAL = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS"}


def stranger_faults(roles: Roles) -> list[Fault]:
    """Everything of ours that somebody else may touch, and what would be open once it is made."""
    return [
        *_relations(roles),
        *_functions(roles),
        *_defaults(roles),
        *_makers(roles),
    ]


def _relations(roles: Roles) -> list[Fault]:
    faults = []
    for is_sequence, name, who, rights in rows(_OPEN_RELATIONS, roles.values):
        kind = "SEQUENCE" if is_sequence else "TABLE"
        revoke = statement(
            f"REVOKE ALL ON {kind} public.{{name}} FROM {{who}} CASCADE",
            name=name,
            who=grantee(who),
        )
        faults.append(Fault(f"{kind.lower()} {name}: {who} may {rights}", (revoke,)))
    return faults


def _functions(roles: Roles) -> list[Fault]:
    faults = []
    for signature, who in rows(_OPEN_FUNCTIONS, roles.values):
        text = f"REVOKE ALL ON ROUTINE {signature} FROM {{who}} CASCADE"
        revoke = statement(text, who=grantee(who))
        faults.append(Fault(f"function {signature}: {who} may EXECUTE", (revoke,)))
    return faults


def _defaults(roles: Roles) -> list[Fault]:
    """The app's role is a stranger here: its rights are declared, table by table."""
    faults = []
    for in_schema, kind, who, rights in rows(_OPEN_DEFAULTS, {**roles.values, "app_id": 0}):
        where = "IN SCHEMA public " if in_schema else ""
        revoke = statement(
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {{owner}} {where}"
            f"REVOKE ALL ON {_PLURAL[kind]} FROM {{who}}",
            owner=roles.owner,
            who=grantee(who),
        )
        what = f"default privileges of {roles.owner}: {who} may {rights}"
        faults.append(Fault(f"{what} on {_PLURAL[kind].lower()} that are made next", (revoke,)))
    return faults


def _makers(roles: Roles) -> list[Fault]:
    values = {**roles.values, "data_api": list(DATA_API_ROLES)}
    return [
        Fault(
            f"schema public: {who} may CREATE in it",
            (statement("REVOKE CREATE ON SCHEMA public FROM {who}", who=grantee(who)),),
        )
        for (who,) in rows(_MAKERS, values)
    ]
