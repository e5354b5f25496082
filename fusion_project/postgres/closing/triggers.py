"""Triggers that do not fire for everybody: switched off, or switched on again by half.

DISABLE and ENABLE TRIGGER leave a trigger that replica mode passes by (`O`), which no count of
triggers shows.
"""

from fusion_project.postgres.closing.fault import Fault, rows
from fusion_project.postgres.closing.ours import RELATIONS, Roles, roles_find
from fusion_project.postgres.grants import APP_ROLE

_ASLEEP = f"""
    SELECT c.relname, t.tgname, t.tgenabled::text, t.tgisinternal
    FROM ({RELATIONS}) c JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid
    WHERE CASE WHEN t.tgisinternal THEN t.tgenabled IN ('D', 'R') ELSE t.tgenabled <> 'A' END
        AND starts_with(c.relname, %(prefix)s)
    ORDER BY 1, 2"""
_STATES = {
    "O": "does not fire in replica mode",
    "D": "is off",
    "R": "fires in replica mode only",
}


def trigger_faults(roles: Roles, *, prefix: str = "") -> list[Fault]:
    """Our triggers that are not ENABLE ALWAYS, and foreign keys whose triggers are off.

    `setup_roles` leaves them as they are: somebody switched them, and what was written meanwhile
    is to be looked at first.
    """
    faults = []
    for table, trigger, state, is_internal in rows(_ASLEEP, {**roles.values, "prefix": prefix}):
        kind, mode = ("foreign key trigger", "") if is_internal else ("trigger", "ALWAYS ")
        who = "as a superuser: " if is_internal else ""
        name = f'"{trigger}"' if is_internal else trigger
        faults.append(
            Fault(
                f"table {table}: {kind} {trigger} {_STATES[state]}",
                by_hand=f"{who}ALTER TABLE {table} ENABLE {mode}TRIGGER {name}"
                " once you know what was written without it",
            )
        )
    return faults


def triggers_asleep(prefix: str) -> list[str]:
    """`trigger_faults` of the tables whose names begin so, as sentences."""
    return [str(fault) for fault in trigger_faults(roles_find(APP_ROLE), prefix=prefix)]
