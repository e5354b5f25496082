"""Snapshots of what a book owes and holds: leaves, statement, signature, each epoch on the last."""

import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models

from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("tokens", "0007_intents")]
    operations = [
        migrations.CreateModel(
            name="ReserveSnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "book",
                    models.CharField(choices=[("paper", "paper"), ("live", "live")], max_length=8),
                ),
                ("epoch", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("statement", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("previous", models.CharField(max_length=64)),
                ("public_key", models.CharField(blank=True, default="", max_length=64)),
                ("signature", models.CharField(blank=True, default="", max_length=128)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("book", "epoch"), name="tokens_reserves_epoch_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("book__in", ("paper", "live"))),
                        name="tokens_reserves_book",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            models.F("sha256"),
                            models.Func(
                                models.Func(
                                    models.Func(
                                        models.F("statement"),
                                        models.Value("UTF8"),
                                        function="convert_to",
                                    ),
                                    function="sha256",
                                ),
                                models.Value("hex"),
                                function="encode",
                                output_field=models.TextField(),
                            ),
                        ),
                        name="tokens_reserves_is_hashed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("public_key", ""),
                            ("signature", ""),
                        )
                        | models.Q(
                            ("public_key__regex", "^[0-9a-f]{64}$"),
                            ("signature__regex", "^[0-9a-f]{128}$"),
                        ),
                        name="tokens_reserves_signed_or_not",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReserveLeaf",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("unit", models.CharField(max_length=12)),
                ("place", models.PositiveIntegerField()),
                ("holder", models.CharField(max_length=160)),
                ("amount", models.DecimalField(decimal_places=0, max_digits=38)),
                ("salt", models.CharField(max_length=32)),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaves",
                        to="tokens.reservesnapshot",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("snapshot", "unit", "place"), name="tokens_reserve_place_once"
                    ),
                    models.UniqueConstraint(
                        fields=("snapshot", "unit", "holder"), name="tokens_reserve_holder_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)), name="tokens_reserve_amount"
                    ),
                ],
            },
        ),
        run_sql(__file__, "0008_reserves"),
        run_sql(__file__, "0008_reserve_triggers"),
        append_only("tokens_reservesnapshot"),
        append_only("tokens_reserveleaf"),
    ]
