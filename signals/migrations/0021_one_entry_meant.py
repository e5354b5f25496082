"""A cancel or amend may mean one entry, by the id of its alert."""

from django.db import migrations, models

import signals.models.checks
from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0020_intake")]
    operations = [
        migrations.RemoveConstraint(model_name="decision", name="signals_decision_scope_fits_verb"),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scope", ""), ("target_trace_id", ""), ("verb", "entry")),
                    models.Q(
                        models.Q(("verb", "entry"), _negated=True),
                        signals.models.checks.OneOf(
                            "scope", ["order", "trade", "last", "symbol", "strategy"]
                        ),
                    ),
                    _connector="OR",
                ),
                name="signals_decision_scope_fits_verb",
            ),
        ),
        run_sql(__file__, "0021_trades"),
    ]
