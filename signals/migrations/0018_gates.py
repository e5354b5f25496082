"""What a policy says of its gates, and economic events from calendars."""

from django.db import migrations, models
from django.db.models import F, Q

from fusion_project.events.sql_files import append_only, run_sql

_ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("signals", "0017_spending")]
    operations = [
        migrations.AddField(
            model_name="strategypolicy",
            name="gates",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text=(
                    "What makes an entry smaller or closes the door, by gate, as"
                    ' {"drawdown": {"full": 500, "closed": 1500, "absent": "0.5"}};'
                    " none listed: no gate."
                ),
            ),
        ),
        migrations.CreateModel(
            name="NewsImport",
            fields=[
                ("id", _ID),
                ("calendar", models.CharField(max_length=40)),
                ("sha256", models.CharField(max_length=64)),
                ("covers_from", models.DateTimeField()),
                ("covers_until", models.DateTimeField()),
                ("events", models.PositiveIntegerField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["calendar", "covers_until"], name="signals_newsimport_read"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(covers_until__gt=F("covers_from")),
                        name="signals_newsimport_covers",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NewsEvent",
            fields=[
                ("id", _ID),
                ("calendar", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=255)),
                ("revision", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("currency", models.CharField(max_length=5)),
                ("impact", models.CharField(max_length=6)),
                ("title", models.CharField(max_length=200)),
                ("is_cancelled", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["calendar", "at"], name="signals_newsevent_read")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("calendar", "key", "revision"), name="signals_newsevent_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(impact__in=["low", "medium", "high"]),
                        name="signals_newsevent_impact",
                    ),
                    models.CheckConstraint(
                        condition=Q(currency__regex=r"^[A-Z0-9]{3,5}$"),
                        name="signals_newsevent_currency",
                    ),
                    models.CheckConstraint(
                        condition=Q(revision__gte=1), name="signals_newsevent_revision"
                    ),
                ],
            },
        ),
        run_sql(__file__, "0018_strategies"),
        run_sql(__file__, "0018_news"),
        run_sql(__file__, "0018_tables"),
        append_only("signals_newsimport"),
        append_only("signals_newsevent"),
    ]
