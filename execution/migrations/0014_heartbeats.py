"""Every heartbeat, a row: functions of `sql/heartbeats.sql` and the table in monthly partitions."""

from django.db import migrations, models

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0013_terminals"), ("events", "0007_partitions")]
    operations = [
        run_sql(__file__, "0014_heartbeats"),
        run_sql(__file__, "0014_heartbeat_table"),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("instance", models.CharField(max_length=64)),
                ("number", models.BigIntegerField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("balance", models.DecimalField(decimal_places=18, max_digits=38)),
                ("equity", models.DecimalField(decimal_places=18, max_digits=38)),
                ("margin", models.DecimalField(decimal_places=18, max_digits=38)),
                ("margin_free", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ("credit", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ("floating", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ("positions", models.IntegerField()),
                ("pendings", models.IntegerField(null=True)),
                ("ping_ms", models.IntegerField(null=True)),
                ("skew_ms", models.IntegerField(null=True)),
                ("outbox_depth", models.IntegerField(null=True)),
                ("may_trade", models.BooleanField(null=True)),
                ("entries_blocked", models.CharField(blank=True, default="", max_length=1100)),
                ("latch", models.CharField(blank=True, default="", max_length=64)),
                ("quotes", models.TextField(blank=True, default="")),
            ],
            options={
                "ordering": ["-id"],
                "managed": False,
            },
        ),
    ]
