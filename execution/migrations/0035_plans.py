"""An order may bear the plan of its entry, and a moment before which nobody gets it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0034_entries"),
        ("signals", "0024_plans"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="order",
            name="order_minor_is_told",
        ),
        migrations.AddField(
            model_name="order",
            name="not_before",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="plan",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("needs_minor__gte", 1),
                        models.Q(
                            ("tif", ""),
                            ("good_until__isnull", True),
                            ("deviation_points__isnull", True),
                            ("spread_points_max__isnull", True),
                            ("sl_distance__isnull", True),
                            ("tp_distance__isnull", True),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("needs_minor__gte", 3), ("target_order_id__isnull", True), _connector="OR"
                    ),
                    models.Q(("needs_minor__gte", 4), ("plan", ""), _connector="OR"),
                ),
                name="order_minor_is_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("plan", ""), ("verb", "entry"), _connector="OR"),
                name="order_plan_is_of_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("not_before__isnull", True), ("verb", "entry"), _connector="OR"
                ),
                name="order_delay_is_of_entry",
            ),
        ),
    ]
