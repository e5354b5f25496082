"""Switches by version; orders that a person asks for; what two people wanted of live accounts."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0015_looks"),
        ("second_person", "0002_evidence"),
        ("signals", "0010_strategies"),
    ]

    operations = [
        migrations.CreateModel(
            name="CloseRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("all", "all"), ("account", "account"), ("position", "position")],
                        max_length=8,
                    ),
                ),
                ("position_ticket", models.BigIntegerField(default=0)),
                ("with_foreign", models.BooleanField(default=False)),
                ("reason", models.CharField(max_length=200)),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("trace_id", models.CharField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="Switch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("all", "all"),
                            ("account", "account"),
                            ("strategy", "strategy"),
                            ("instrument", "instrument"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(blank=True, default="", max_length=64)),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("reducing", "reducing"),
                            ("halted", "halted"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "switches",
            },
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="request",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="second_person.request",
            ),
        ),
        migrations.AddField(
            model_name="executorkey",
            name="request",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="second_person.request",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="decision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="signals.decision",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="strategy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="signals.strategy",
            ),
        ),
        migrations.AddField(
            model_name="closerequest",
            name="account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="execution.brokeraccount",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="closing_request",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="execution.closerequest",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="request",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="execution.closerequest",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("request__isnull", False)),
                fields=("request", "account", "position_ticket"),
                name="order_once_per_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decision__isnull", False),
                        ("request__isnull", True),
                        ("strategy__isnull", False),
                    ),
                    models.Q(
                        ("decision__isnull", True), ("request__isnull", False), ("verb", "exit")
                    ),
                    _connector="OR",
                ),
                name="order_has_one_cause",
            ),
        ),
        migrations.AddField(
            model_name="switch",
            name="request",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="second_person.request",
            ),
        ),
        migrations.AddConstraint(
            model_name="closerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account__isnull", True), ("position_ticket", 0), ("scope", "all")),
                    models.Q(
                        ("account__isnull", False), ("position_ticket", 0), ("scope", "account")
                    ),
                    models.Q(
                        ("account__isnull", False),
                        ("position_ticket__gt", 0),
                        ("scope", "position"),
                    ),
                    _connector="OR",
                ),
                name="close_request_has_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="closerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="close_request_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="closerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "actor__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="close_request_actor_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="switch",
            constraint=models.UniqueConstraint(
                fields=("scope", "key", "version"), name="execution_switch_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="switch",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ("all", "account", "strategy", "instrument"))),
                name="execution_switch_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="switch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("active", "reducing", "halted"))),
                name="execution_switch_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="switch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("key", ""), ("scope", "all")),
                    models.Q(
                        models.Q(("scope", "all"), _negated=True),
                        models.Q(("key", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="execution_switch_has_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="switch",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="execution_switch_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="switch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "actor__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="execution_switch_actor_form",
            ),
        ),
    ]
