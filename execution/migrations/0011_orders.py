"""Functions of `sql/orders.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0010_order_terms")]
    operations = [run_sql(__file__, "0011_orders")]
