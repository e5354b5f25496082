"""A token bound to its chain, what is seen there, and what holds payouts to it."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import append_only, keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("second_person", "0002_evidence"),
        ("tokens", "0005_rule_request"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChainBinding",
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
                (
                    "network",
                    models.CharField(
                        choices=[
                            ("ton", "ton"),
                            ("ton_test", "ton_test"),
                            ("loopback", "loopback"),
                        ],
                        max_length=8,
                    ),
                ),
                ("node_url", models.CharField(max_length=200)),
                ("index_url", models.CharField(max_length=200)),
                ("master", models.CharField(max_length=67)),
                ("owner", models.CharField(max_length=67)),
                ("opening_supply", models.DecimalField(decimal_places=0, max_digits=38)),
                ("opening_balance", models.DecimalField(decimal_places=0, max_digits=38)),
                ("trace_id", models.CharField(max_length=32)),
                ("bound_at", models.DateTimeField()),
                ("bound_by", models.CharField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unknown", "unknown"),
                            ("green", "green"),
                            ("lagging", "lagging"),
                            ("drift", "drift"),
                            ("frozen", "frozen"),
                        ],
                        default="unknown",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="not read yet", max_length=300)),
                ("since", models.DateTimeField()),
                ("drifts_in_row", models.PositiveIntegerField(default=0)),
                ("failures_in_row", models.PositiveIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                (
                    "release",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chain_release",
                        to="second_person.request",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chain_binding",
                        to="second_person.request",
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bindings",
                        to="tokens.token",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChainObservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unknown", "unknown"),
                            ("green", "green"),
                            ("lagging", "lagging"),
                            ("drift", "drift"),
                            ("frozen", "frozen"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                ("ledger_supply", models.DecimalField(decimal_places=0, max_digits=38)),
                ("ledger_balance", models.DecimalField(decimal_places=0, max_digits=38)),
                ("seqno", models.BigIntegerField(blank=True, null=True)),
                ("block_at", models.DateTimeField(blank=True, null=True)),
                (
                    "supply",
                    models.DecimalField(blank=True, decimal_places=0, max_digits=38, null=True),
                ),
                (
                    "balance",
                    models.DecimalField(blank=True, decimal_places=0, max_digits=38, null=True),
                ),
                ("admin", models.CharField(blank=True, max_length=67, null=True)),
                ("mintable", models.BooleanField(blank=True, null=True)),
                ("wallet", models.CharField(blank=True, max_length=67, null=True)),
                ("wallet_code", models.CharField(blank=True, max_length=64, null=True)),
                (
                    "binding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="tokens.chainbinding",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="chainbinding",
            name="observation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tokens.chainobservation",
            ),
        ),
        migrations.AddField(
            model_name="chainbinding",
            name="pinned",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tokens.chainobservation",
            ),
        ),
        migrations.AddIndex(
            model_name="chainobservation",
            index=models.Index(fields=["binding", "-id"], name="tokens_observation_newest"),
        ),
        migrations.AddConstraint(
            model_name="chainobservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["unknown", "green", "lagging", "drift", "frozen"])
                ),
                name="tokens_observation_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainobservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("balance", None), ("block_at", None), ("seqno", None), ("supply", None)
                    ),
                    models.Q(
                        ("admin__isnull", False),
                        ("balance__isnull", False),
                        ("block_at__isnull", False),
                        ("mintable__isnull", False),
                        ("seqno__isnull", False),
                        ("supply__isnull", False),
                        ("wallet__isnull", False),
                        ("wallet_code__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="tokens_observation_whole_or_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainobservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seqno__isnull", False), ("state__in", ["unknown", "frozen"]), _connector="OR"
                ),
                name="tokens_observation_nothing_is_unknown",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainobservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seqno__isnull", False),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="tokens_observation_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.UniqueConstraint(
                fields=("token", "book"), name="tokens_binding_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("book__in", ("paper", "live"))), name="tokens_binding_book"
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["unknown", "green", "lagging", "drift", "frozen"])
                ),
                name="tokens_binding_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("network__in", ("ton", "ton_test", "loopback"))),
                name="tokens_binding_network",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("book", "live"), _negated=True),
                    models.Q(
                        ("index_url__startswith", "https://"),
                        ("network", "ton"),
                        ("node_url__startswith", "https://"),
                        models.Q(
                            (
                                "node_url__iregex",
                                "^https?://(localhost|127\\.[0-9.]+|\\[::1\\])(:[0-9]+)?(/|$)",
                            ),
                            _negated=True,
                        ),
                        models.Q(
                            (
                                "index_url__iregex",
                                "^https?://(localhost|127\\.[0-9.]+|\\[::1\\])(:[0-9]+)?(/|$)",
                            ),
                            _negated=True,
                        ),
                    ),
                    _connector="OR",
                ),
                name="tokens_binding_live_is_no_loopback",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("network", "loopback"), _negated=True),
                    models.Q(
                        (
                            "index_url__iregex",
                            "^https?://(localhost|127\\.[0-9.]+|\\[::1\\])(:[0-9]+)?(/|$)",
                        ),
                        (
                            "node_url__iregex",
                            "^https?://(localhost|127\\.[0-9.]+|\\[::1\\])(:[0-9]+)?(/|$)",
                        ),
                    ),
                    _connector="OR",
                ),
                name="tokens_binding_loopback_is_here",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("master__regex", "^(0|-1):[0-9a-f]{64}$"),
                    ("owner__regex", "^(0|-1):[0-9a-f]{64}$"),
                ),
                name="tokens_binding_addresses",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opening_balance__gte", 0),
                    ("opening_supply__gte", models.F("opening_balance")),
                ),
                name="tokens_binding_opening",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("network", "loopback"), ("request__isnull", False), _connector="OR"
                ),
                name="tokens_binding_wanted_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainbinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "bound_by__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="tokens_binding_bound_by_form",
            ),
        ),
        run_sql(__file__, "0006_chain"),
        run_sql(__file__, "0006_observations"),
        run_sql(__file__, "0006_bindings"),
        run_sql(__file__, "0006_chain_triggers"),
        append_only("tokens_chainobservation"),
        keeps_rows("tokens_chainbinding"),
    ]
