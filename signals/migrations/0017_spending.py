"""What asking models costs: of each opinion, and of each day within its cap."""

from django.db import migrations, models
from django.db.models import Q

from fusion_project.events.sql_files import keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0016_learning")]
    operations = [
        migrations.AddField(
            model_name="opinion",
            name="cost_usd",
            field=models.DecimalField(decimal_places=9, default=0, max_digits=15),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.CheckConstraint(
                condition=Q(cost_usd__gte=0), name="signals_opinion_cost_is_not_negative"
            ),
        ),
        migrations.AddIndex(
            model_name="opinion",
            index=models.Index(fields=["lobe", "created_at"], name="signals_opinion_lobe"),
        ),
        migrations.CreateModel(
            name="LobeSpend",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lobe", models.CharField(max_length=60)),
                ("day", models.DateField()),
                ("usd", models.DecimalField(decimal_places=9, max_digits=18)),
            ],
            options={
                "ordering": ["-day", "lobe"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lobe", "day"), name="signals_spend_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=Q(usd__gte=0), name="signals_spend_is_not_negative"
                    ),
                ],
            },
        ),
        run_sql(__file__, "0017_spending"),
        keeps_rows("signals_lobespend"),
    ]
