"""All looks at the catalogue together."""

from django.db import connection

from fusion_project.postgres.closing.app_rights import app_faults
from fusion_project.postgres.closing.fault import Fault
from fusion_project.postgres.closing.ours import Roles, ownership_faults, role_faults
from fusion_project.postgres.closing.row_security import row_security_faults
from fusion_project.postgres.closing.strangers import stranger_faults
from fusion_project.postgres.closing.triggers import trigger_faults

# Row security takes each table for itself; what waits behind that wait are alerts.
_LOCK_WAIT = "5s"


def faults_find(roles: Roles) -> list[Fault]:
    """What is open or not as declared; changes nothing, and any role may ask."""
    return [
        *role_faults(roles),
        *ownership_faults(roles),
        *stranger_faults(roles),
        *app_faults(roles),
        *row_security_faults(roles),
        *trigger_faults(roles),
    ]


def faults_repair(roles: Roles) -> tuple[list[Fault], list[Fault]]:
    """Inside a transaction of the owner: what was put right, and what is still wrong after it."""
    repaired = [fault for fault in faults_find(roles) if fault.repairs]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_LOCK_WAIT])
        for fault in repaired:
            for repair in fault.repairs:
                cursor.execute(repair)
    return repaired, faults_find(roles)
