"""What an order may say beside its price: how long it lives, what it may cost, distances."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0009_orders"),
        ("signals", "0010_strategies"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="deviation_points",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="good_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="sl_distance",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="sl_unit",
            field=models.CharField(blank=True, default="", max_length=8),
        ),
        migrations.AddField(
            model_name="order",
            name="spread_points_max",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="tif",
            field=models.CharField(blank=True, default="", max_length=4),
        ),
        migrations.AddField(
            model_name="order",
            name="tp_distance",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="tp_unit",
            field=models.CharField(blank=True, default="", max_length=8),
        ),
        migrations.AddField(
            model_name="subscription",
            name="deviation_points",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="spread_points_max",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("tif__in", ["", "gtc", "day", "gtd", "ioc", "fok"])),
                name="order_tif_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("order_type", "market"),
                    ("tif__in", ["", "gtc", "day", "gtd"]),
                    _connector="OR",
                ),
                name="order_tif_may_rest",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("good_until__isnull", False), ("tif", "gtd")),
                    models.Q(models.Q(("tif", "gtd"), _negated=True), ("good_until__isnull", True)),
                    _connector="OR",
                ),
                name="order_good_until_is_gtd",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sl_distance__isnull", True), ("sl_unit", "")),
                    models.Q(
                        ("sl_distance__gt", 0), ("sl_unit__in", ("points", "pips", "percent"))
                    ),
                    _connector="OR",
                ),
                name="order_sl_distance_has_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("tp_distance__isnull", True), ("tp_unit", "")),
                    models.Q(
                        ("tp_distance__gt", 0), ("tp_unit__in", ("points", "pips", "percent"))
                    ),
                    _connector="OR",
                ),
                name="order_tp_distance_has_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("needs_minor__gte", 1),
                    models.Q(
                        ("tif", ""),
                        ("deviation_points__isnull", True),
                        ("good_until__isnull", True),
                        ("sl_distance__isnull", True),
                        ("spread_points_max__isnull", True),
                        ("tp_distance__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="order_minor_is_told",
            ),
        ),
    ]
