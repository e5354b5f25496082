"""Resting orders are amended; a live account follows a strategy as two people want it."""

import django.db.models.deletion
from django.db import migrations, models

_NONE_OF_1 = models.Q(
    ("deviation_points__isnull", True),
    ("good_until__isnull", True),
    ("sl_distance__isnull", True),
    ("spread_points_max__isnull", True),
    ("tp_distance__isnull", True),
    ("tif", ""),
)


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0028_entries"),
        ("second_person", "0001_initial"),
    ]
    operations = [
        migrations.AddField(
            model_name="subscription",
            name="request",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="second_person.request",
            ),
        ),
        migrations.RemoveConstraint(model_name="order", name="order_minor_is_told"),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("needs_minor__gte", 1), _NONE_OF_1, _connector="OR"),
                    models.Q(
                        ("needs_minor__gte", 3), ("target_order_id__isnull", True), _connector="OR"
                    ),
                ),
                name="order_minor_is_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("target_order__isnull", True),
                    models.Q(("position_ticket", 0), ("verb", "amend")),
                    ("state", "rejected"),
                    _connector="OR",
                ),
                name="order_target_is_amended",
            ),
        ),
    ]
