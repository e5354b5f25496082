"""What a policy says of learning, labels of entries, and the states that they move."""

from decimal import Decimal

from django.db import migrations, models
from django.db.models import Q
from django.db.models.deletion import PROTECT

from fusion_project.events.sql_files import append_only, run_sql


def _policy(name, field):
    return migrations.AddField(model_name="strategypolicy", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("signals", "0015_bars")]
    operations = [
        _policy(
            "family",
            models.SlugField(
                blank=True,
                db_index=False,
                default="",
                help_text=(
                    "Strategies of one family learn together; without a name one learns alone."
                ),
                max_length=64,
            ),
        ),
        _policy(
            "horizon_seconds",
            models.PositiveIntegerField(
                default=86400,
                help_text=(
                    "How long an entry has to reach its target; one that has not did not win."
                ),
            ),
        ),
        _policy(
            "feeds",
            models.JSONField(
                blank=True,
                default=dict,
                help_text=(
                    "Series of bars by instrument, the preferred one first, as"
                    ' {"EURUSD": [{"feed": "csv:history", "symbol": "OANDA:EURUSD",'
                    ' "timeframe_seconds": 900}]}; without one: what its own alerts tell.'
                ),
            ),
        ),
        _policy(
            "lobes",
            models.JSONField(
                blank=True,
                default=list,
                help_text="Lobes that are asked; none listed means all.",
            ),
        ),
        _policy(
            "quorum",
            models.PositiveSmallIntegerField(
                default=1,
                help_text="How many lobes must have an opinion for an entry to be decided.",
            ),
        ),
        _policy(
            "outage",
            models.CharField(
                choices=[
                    ("abstain", "Abstain"),
                    (
                        "smaller",
                        "A quarter of the risk, for a higher edge, by lobes of the database",
                    ),
                    ("ask", "Ask a person"),
                ],
                default="abstain",
                help_text="What becomes of an entry below the quorum.",
                max_length=8,
            ),
        ),
        _policy(
            "lobe_share_max",
            models.DecimalField(
                decimal_places=3,
                default=Decimal("0.4"),
                help_text="Most that one lobe which calls out may weigh in whether and how much.",
                max_digits=4,
            ),
        ),
        _policy(
            "labels_min",
            models.PositiveIntegerField(
                default=30,
                help_text=(
                    "From how many labels on what was learned decides; before, the declared chance."
                ),
            ),
        ),
        _policy(
            "miss_max",
            models.DecimalField(
                decimal_places=3,
                default=Decimal(0),
                help_text=(
                    "How often a set of outcomes that holds a win alone may be wrong; an entry"
                    " without such a set is left out. 0: no set is asked for."
                ),
                max_digits=4,
            ),
        ),
        migrations.AddConstraint(
            model_name="strategypolicy",
            constraint=models.CheckConstraint(
                condition=Q(outage__in=["abstain", "smaller", "ask"]),
                name="signals_policy_outage_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="strategypolicy",
            constraint=models.CheckConstraint(
                condition=Q(
                    horizon_seconds__gte=60,
                    horizon_seconds__lte=7_776_000,
                    lobe_share_max__gt=0,
                    lobe_share_max__lte=1,
                    miss_max__gte=0,
                    miss_max__lt=1,
                    quorum__gte=1,
                ),
                name="signals_policy_learning_in_range",
            ),
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField(max_length=40)),
                ("outcome", models.CharField(max_length=12)),
                ("reason", models.CharField(blank=True, default="", max_length=40)),
                ("won", models.BooleanField(null=True)),
                (
                    "result_r",
                    models.DecimalField(decimal_places=12, max_digits=24, null=True),
                ),
                ("feed", models.CharField(blank=True, default="", max_length=96)),
                ("symbol", models.CharField(blank=True, default="", max_length=64)),
                ("timeframe_seconds", models.PositiveIntegerField(null=True)),
                ("price", models.DecimalField(decimal_places=12, max_digits=38, null=True)),
                ("target", models.DecimalField(decimal_places=12, max_digits=38, null=True)),
                ("bars", models.PositiveIntegerField(default=0)),
                ("last_bar_id", models.BigIntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("features", models.JSONField(default=list)),
                ("known_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=PROTECT, related_name="label", to="signals.decision"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["known_at"], name="signals_label_known")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(outcome__in=["target", "stop", "time", "unlabelled"]),
                        name="signals_label_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            outcome="unlabelled",
                            reason__gt="",
                            result_r__isnull=True,
                            won__isnull=True,
                        )
                        | Q(~Q(outcome="unlabelled"), result_r__isnull=False, won__isnull=False),
                        name="signals_label_says_won_or_why_not",
                    ),
                    models.CheckConstraint(
                        condition=~Q(won=True) | Q(outcome="target", result_r__gt=0),
                        name="signals_label_won_at_target",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FusionState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("family", models.CharField(max_length=64)),
                ("horizon_seconds", models.PositiveIntegerField()),
                ("version", models.PositiveIntegerField()),
                ("value", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("former_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("known_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "label",
                    models.OneToOneField(
                        on_delete=PROTECT, related_name="state", to="signals.label"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("family", "horizon_seconds", "version"),
                        name="signals_state_version_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(version__gte=1), name="signals_state_version"
                    ),
                    models.CheckConstraint(
                        condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
                        name="signals_state_is_sha256",
                    ),
                ],
            },
        ),
        run_sql(__file__, "0016_learning"),
        run_sql(__file__, "0016_strategies"),
        run_sql(__file__, "0016_tables"),
        append_only("signals_label"),
        append_only("signals_fusionstate"),
    ]
