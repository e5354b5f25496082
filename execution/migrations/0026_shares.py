"""Trades that share a netting position: whose its lots are, and who may add to it."""

from django.db import migrations, models

from fusion_project.events.sql_files import run_sql

_OF_OTHERS = """
    UPDATE execution_position SET volume_foreign_lots = volume_open_lots, net_foreign = net
     WHERE order_id IS NULL AND (volume_open_lots <> 0 OR net <> 0)
"""


class Migration(migrations.Migration):
    dependencies = [("execution", "0025_deal_of_account"), ("signals", "0014_preview_rules")]
    operations = [
        migrations.AddField(
            model_name="position",
            name="volume_foreign_lots",
            field=models.DecimalField(decimal_places=10, default=0, max_digits=28),
        ),
        migrations.AddField(
            model_name="position",
            name="net_foreign",
            field=models.DecimalField(decimal_places=18, default=0, max_digits=38),
        ),
        migrations.RemoveConstraint(model_name="order", name="order_has_one_cause"),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decision__isnull", False),
                        ("request__isnull", True),
                        ("strategy__isnull", False),
                    ),
                    models.Q(
                        ("decision__isnull", True),
                        ("request__isnull", False),
                        ("verb__in", ["exit", "partial_exit"]),
                    ),
                    _connector="OR",
                ),
                name="order_has_one_cause",
            ),
        ),
        run_sql(__file__, "0026_shares"),
        run_sql(__file__, "0026_entries"),
        run_sql(__file__, "0026_orders"),
        run_sql(__file__, "0026_closing"),
        run_sql(__file__, "0026_positions"),
        run_sql(__file__, "0026_volumes"),
        run_sql(__file__, "0026_share_triggers"),
        migrations.RunSQL(_OF_OTHERS, migrations.RunSQL.noop),
    ]
