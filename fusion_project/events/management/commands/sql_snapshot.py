"""`manage.py sql_snapshot <app> <noun>`: keep a function file as it is now, with its migration."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fusion_project.events.sql_files import snapshot_newest

_MIGRATION = '''"""Functions of `sql/{noun}.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("{app}", "{former}")]
    operations = [run_sql(__file__, "{name}")]
'''


class Command(BaseCommand):
    help = "Write the next snapshot of <app>/sql/<noun>.sql and the migration that loads it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("app", help="the app, such as signals")
        parser.add_argument("noun", help="the file in its folder sql, without .sql")

    def handle(self, *_: Any, app: str, noun: str, **__: Any) -> None:
        home = Path(apps.get_app_config(app).path)
        current, folder = home / "sql" / f"{noun}.sql", home / "migrations"
        if not current.is_file():
            raise CommandError(f"{current} does not exist")
        newest = snapshot_newest(current)
        if newest and newest.read_bytes() == current.read_bytes():
            raise CommandError(f"{newest.name} is {current.name} as it is now")
        former = max(folder.glob("[0-9][0-9][0-9][0-9]_*.py")).stem
        name = f"{int(former[:4]) + 1:04}_{noun}"
        (folder / "sql" / f"{name}.sql").write_bytes(current.read_bytes())
        # Backward is the text before; where there was none, the DROPs are written by hand.
        backward = newest.read_bytes() if newest else b""
        (folder / "sql" / f"{name}.reverse.sql").write_bytes(backward)
        text = _MIGRATION.format(app=app, noun=noun, former=former, name=name)
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        self.stdout.write(f"wrote {name}.py, sql/{name}.sql and sql/{name}.reverse.sql")
