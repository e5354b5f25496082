"""Members settled in a policy; ids that other messages may bear too; exits of all on a symbol."""

from django.db import migrations, models
from django.db.models import Q

from fusion_project.events.sql_files import run_sql
from signals.models.checks import OneOf

_TYPES = migrations.RunSQL(
    """
    ALTER TYPE signals_delivery_in
        ADD ATTRIBUTE entry_rule text, ADD ATTRIBUTE id_is_unique boolean;
    ALTER TYPE signals_intake_case ADD ATTRIBUTE late_since timestamptz;
    DROP FUNCTION signals_target(bigint, text, text, text, text, text, boolean);
    DROP FUNCTION signals_refuse(
        bigint, bigint, bytea, text, text, text, text, text, text, text, text[]);
    """,
    """
    ALTER TYPE signals_intake_case DROP ATTRIBUTE late_since;
    ALTER TYPE signals_delivery_in DROP ATTRIBUTE entry_rule, DROP ATTRIBUTE id_is_unique;
    """,
)
# Backward these come first: the functions as they were do not know them.
_ADDED = migrations.RunSQL(
    migrations.RunSQL.noop,
    """
    DROP FUNCTION signals_entry_is_younger(bigint, text, timestamptz);
    DROP FUNCTION signals_entry_since(bigint, bigint);
    DROP FUNCTION signals_judge_known(signals_delivery_in, signals_intake_case);
    DROP FUNCTION signals_insert_alert(signals_delivery_in, signals_intake_case, text, text);
    """,
)


class Migration(migrations.Migration):
    dependencies = [("signals", "0022_callers")]
    operations = [
        migrations.AddField(
            model_name="strategypolicy",
            name="members",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text=(
                    "What its alerts say beside what is understood, settled by people, as"
                    ' {"rsidiv": {"is": "harmless", "why": "a plot"}}; an entry with a member that'
                    " is neither is refused."
                ),
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="id_is_unique",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.RemoveConstraint(model_name="alert", name="signals_alert_sender_id"),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=Q(id_is_unique=True, sender_id__isnull=False),
                fields=("strategy", "sender_id"),
                name="signals_alert_sender_id",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=Q(sender_id__isnull=False),
                fields=["strategy", "sender_id"],
                name="signals_alert_named",
            ),
        ),
        migrations.RemoveConstraint(model_name="decision", name="signals_decision_scope_fits_verb"),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("scope", ""), ("target_trace_id", ""), ("verb", "entry")),
                    Q(
                        Q(("verb", "entry"), _negated=True),
                        OneOf("scope", ["order", "trade", "last", "symbol", "strategy", "older"]),
                    ),
                    _connector="OR",
                ),
                name="signals_decision_scope_fits_verb",
            ),
        ),
        _TYPES,
        run_sql(__file__, "0023_intake"),
        run_sql(__file__, "0023_refusing"),
        run_sql(__file__, "0023_trades"),
        run_sql(__file__, "0023_strategies"),
        _ADDED,
    ]
