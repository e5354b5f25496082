"""Entries may have a plan: none that cannot be meant, and a delay with its own expiry."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql

# A text without a plan is not read as JSON: it is checked with each decision.
_SOUND = migrations.RunSQL(
    """
    ALTER TABLE signals_decision ADD CONSTRAINT signals_decision_plan_is_sound CHECK (
        CASE WHEN strpos(leg, '"plan":') > 0
            THEN signals_plan_fault(leg::jsonb) = '' ELSE true END);
    """,
    "ALTER TABLE signals_decision DROP CONSTRAINT signals_decision_plan_is_sound;",
)


class Migration(migrations.Migration):
    dependencies = [("signals", "0023_closed_world")]
    operations = [run_sql(__file__, "0024_plans"), _SOUND, run_sql(__file__, "0024_intake")]
