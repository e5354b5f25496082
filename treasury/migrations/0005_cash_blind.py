"""Why ledger and broker could not be compared."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0004_seal")]

    operations = [
        migrations.AddField(
            model_name="cashcheck",
            name="blind",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
    ]
