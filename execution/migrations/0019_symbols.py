"""A map is confirmed with its contract sheet, and stands for that contract.

Not validated: maps that were confirmed before an executor said hello have no sheet yet.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from fusion_project.events.sql_files import run_sql

_SHEET = (
    "digits",
    "tick_size",
    "tick_value",
    "contract_size",
    "lot_min",
    "lot_step",
    "lot_max",
)


class Migration(migrations.Migration):
    dependencies = [("execution", "0018_account_state")]
    operations = [
        AddConstraintNotValid(
            "symbolmap",
            models.CheckConstraint(
                condition=models.Q(("confirmation__isnull", True))
                | models.Q(**{f"{name}__isnull": False for name in _SHEET}),
                name="symbol_map_confirmed_with_sheet",
            ),
        ),
        run_sql(__file__, "0019_symbols"),
        run_sql(__file__, "0019_symbol_trigger"),
    ]
