"""When each part of the machine was last at work."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0004_actors"),
    ]

    operations = [
        migrations.CreateModel(
            name="LifeSign",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("seen_at", models.DateTimeField(null=True)),
                ("waited_since", models.DateTimeField(null=True)),
            ],
        ),
    ]
