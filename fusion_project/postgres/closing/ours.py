"""Whose the database is: the owner of what migrations made, the app's role, and strangers."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from fusion_project.postgres.closing.fault import Fault, rows

# Supabase's data API speaks to the database as these; its default privileges give them everything.
DATA_API_ROLES = ("anon", "authenticated", "service_role")

# What the owner has in `public`; other people's tables there are not ours to close.
RELATIONS = """
    SELECT c.oid, c.relname, c.relkind, c.relowner, c.relacl, c.relispartition, c.relrowsecurity
    FROM pg_catalog.pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND c.relowner = %(owner_id)s
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                AND d.deptype = 'e')
"""
FUNCTIONS = """
    SELECT p.oid, p.oid::regprocedure::text AS signature,
        coalesce(p.proacl, acldefault('f', p.proowner)) AS acl
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = %(owner_id)s
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
                AND d.deptype = 'e')
"""
# Of a grant `a` to role `r`: neither ours nor somebody who may do everything by another road.
IS_STRANGER = """(r.oid IS NULL OR (r.oid <> %(app_id)s AND NOT r.rolsuper
    AND NOT pg_has_role(r.oid, %(owner_id)s, 'MEMBER')))"""

_OWNER = """
    SELECT pg_get_userbyid(relowner), relowner, pg_has_role(current_user, relowner, 'MEMBER'),
        current_user
    FROM pg_catalog.pg_class WHERE oid = to_regclass('public.django_migrations')"""
_ELSEWHERE = """
    SELECT 'table', c.oid::regclass::text, pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relowner <> %(owner_id)s
        AND c.relkind IN ('r', 'p', 'v', 'm') AND split_part(c.relname, '_', 1) = ANY(%(apps)s)
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, pg_get_userbyid(p.proowner)
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.proowner <> %(owner_id)s
        AND split_part(p.proname, '_', 1) = ANY(%(apps)s)
    ORDER BY 1, 2"""
_POWERS = """
    SELECT r.rolname, r.rolsuper, r.rolbypassrls,
        NOT r.rolsuper AND pg_has_role(r.oid, %(owner_id)s, 'MEMBER') AS acts_as_owner
    FROM pg_catalog.pg_roles r WHERE r.oid = %(app_id)s"""
_MEMBERS = """
    SELECT r.rolname, ours.rolname FROM pg_catalog.pg_roles r, pg_catalog.pg_roles ours
    WHERE r.rolname = ANY(%(data_api)s) AND NOT r.rolsuper
        AND ours.oid IN (%(owner_id)s, %(app_id)s) AND pg_has_role(r.oid, ours.oid, 'MEMBER')
    ORDER BY 1, 2"""


class NotMigrated(LookupError):
    """There is nothing to look at before the first migration."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The owner of the tables, and the app's role; None where the app connects as the owner."""

    owner: str
    owner_id: int
    app: str | None
    app_id: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """For the queries above."""
        return dataclasses.asdict(self)

    @property
    def names(self) -> list[str]:
        return sorted({self.owner, self.app or self.owner})


def roles_find(app: str) -> Roles:
    """The roles of this database. `app` counts where the connection itself is not the app's."""
    found = rows(_OWNER, {})
    if not found:
        raise NotMigrated("the database is empty; run DATABASE_ROLE=owner manage.py migrate first")
    owner, owner_id, is_owner, user = found[0]
    name = app if is_owner else user
    for (app_id,) in rows("SELECT oid FROM pg_roles WHERE rolname = %(app)s", {"app": name}):
        if app_id != owner_id:
            return Roles(owner, owner_id, name, app_id)
    return Roles(owner, owner_id, None)


def ownership_faults(roles: Roles) -> list[Fault]:
    """What bears an app's name and belongs to another role: none of our rules reaches it."""
    labels = [config.label for config in apps.get_app_configs()]
    return [
        Fault(
            f"{kind} {name}: {owner} owns it, not {roles.owner}",
            by_hand=f"as {owner}: ALTER {kind.upper()} {name} OWNER TO {roles.owner}",
        )
        for kind, name, owner in rows(_ELSEWHERE, {**roles.values, "apps": labels})
    ]


def role_faults(roles: Roles) -> list[Fault]:
    """Roles that no grant and no policy holds."""
    faults = []
    for name, is_super, bypasses, acts_as_owner in rows(_POWERS, roles.values):
        if is_super or bypasses:
            faults.append(
                Fault(
                    f"role {name}: no grant or policy holds it (superuser or BYPASSRLS)",
                    by_hand=f"as a superuser: ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS",
                )
            )
        if acts_as_owner:
            faults.append(_membership(name, roles.owner))
    members = rows(_MEMBERS, {**roles.values, "data_api": list(DATA_API_ROLES)})
    return faults + [_membership(member, role) for member, role in members]


def _membership(member: str, role: str) -> Fault:
    return Fault(
        f"role {member}: may do all that {role} may, as its member",
        by_hand=f"as a superuser: REVOKE {role} FROM {member}",
    )
