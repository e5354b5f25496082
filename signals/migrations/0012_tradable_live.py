"""What is known beforehand of a strategy that live accounts alone follow."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0011_deliveries")]
    operations = [
        migrations.AddField(
            model_name="tradable",
            name="is_live_alone",
            field=models.BooleanField(default=False),
        ),
    ]
