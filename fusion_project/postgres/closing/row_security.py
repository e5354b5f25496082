"""Row security: on for every table of ours, with one policy that names our roles alone.

It is not forced, so the owner and its SECURITY DEFINER functions pass it by; grants hold roles with
BYPASSRLS, row security holds whoever gets a grant by mistake.
"""

from psycopg import sql

from fusion_project.postgres.closing.fault import Fault, rows, statement
from fusion_project.postgres.closing.ours import RELATIONS, Roles

POLICY = "our_roles"
_TABLES = f"""
    SELECT c.relname, c.relrowsecurity, coalesce(found.policies, '[]') FROM ({RELATIONS}) c
        LEFT JOIN LATERAL (
            SELECT json_agg(json_build_array(p.polname, p.polpermissive, p.polcmd::text,
                (SELECT array_agg(coalesce(r.rolname, 'PUBLIC') ORDER BY r.rolname)
                    FROM unnest(p.polroles) named LEFT JOIN pg_catalog.pg_roles r ON r.oid = named),
                pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
                ORDER BY p.polname) AS policies
            FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid) found ON true
    WHERE c.relkind IN ('r', 'p')
    ORDER BY 1"""


def row_security_faults(roles: Roles) -> list[Fault]:
    """Tables without row security, and policies that are not the one for our roles."""
    expected = [[POLICY, True, "*", roles.names, "true", "true"]]
    faults = []
    for table, is_on, policies in rows(_TABLES, roles.values):
        if not is_on:
            enable = statement("ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY", table=table)
            faults.append(Fault(f"table {table}: row security is off", (enable,)))
        if policies != expected:
            named = ", ".join(f"{p[0]} for {' and '.join(p[3])}" for p in policies) or "none"
            what = f"table {table}: its policies are not ours alone (it has {named})"
            faults.append(Fault(what, _policy_anew(table, policies, roles)))
    return faults


def _policy_anew(table: str, policies: list[list[str]], roles: Roles) -> tuple[sql.Composed, ...]:
    drops = [
        statement("DROP POLICY {policy} ON public.{table}", policy=policy[0], table=table)
        for policy in policies
    ]
    create = statement(
        "CREATE POLICY {policy} ON public.{table} FOR ALL TO {roles}"
        " USING (true) WITH CHECK (true)",
        policy=POLICY,
        table=table,
        roles=sql.SQL(", ").join(map(sql.Identifier, roles.names)),
    )
    return (*drops, create)
