"""Bars, in monthly partitions, and the series that they make."""

from django.db import migrations, models
from django.db.models import Q

from fusion_project.events.sql_files import keeps_rows, run_sql

_FEED_FORM = r"^(alert|csv|executor):[A-Za-z0-9_.\-]{1,80}$"


class Migration(migrations.Migration):
    dependencies = [("signals", "0014_preview_rules")]
    operations = [
        migrations.CreateModel(
            name="Bar",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("feed", models.CharField(max_length=96)),
                ("symbol", models.CharField(max_length=64)),
                ("timeframe_seconds", models.PositiveIntegerField()),
                ("open_at", models.DateTimeField()),
                ("revision", models.PositiveIntegerField()),
                ("close_at", models.DateTimeField()),
                *(
                    (name, models.DecimalField(decimal_places=12, max_digits=38))
                    for name in ("open", "high", "low", "close")
                ),
                ("volume", models.DecimalField(decimal_places=12, max_digits=38, null=True)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={"ordering": ["-id"], "managed": False},
        ),
        migrations.CreateModel(
            name="BarSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feed", models.CharField(max_length=96)),
                ("symbol", models.CharField(max_length=64)),
                ("timeframe_seconds", models.PositiveIntegerField()),
                ("first_open_at", models.DateTimeField()),
                ("newest_open_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "bar series",
                "ordering": ["feed", "symbol", "timeframe_seconds"],
            },
        ),
        migrations.AddConstraint(
            model_name="barseries",
            constraint=models.UniqueConstraint(
                fields=("feed", "symbol", "timeframe_seconds"), name="signals_barseries_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="barseries",
            constraint=models.CheckConstraint(
                condition=Q(feed__regex=_FEED_FORM), name="signals_barseries_feed_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="barseries",
            constraint=models.CheckConstraint(
                condition=Q(timeframe_seconds__gte=1), name="signals_barseries_timeframe"
            ),
        ),
        run_sql(__file__, "0015_bars"),
        run_sql(__file__, "0015_tables"),
        run_sql(__file__, "0015_intake"),
        keeps_rows("signals_barseries"),
    ]
