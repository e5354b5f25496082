"""`python -m tests.dumps.make`: writes `tests/dumps/<version>.sql.gz`, a full dump of this state.

A demo's data by the real services, from alerts to token postings. Made once, when a version is
released; later versions are migrated from it. Keys, secrets and passwords in it are hashes of
dummies, so nothing in it opens anything.
"""

import gzip
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
# After the handlers ran; none of these opens a door.
_DUMMIES = """
    UPDATE signals_strategysecret SET sha256 = encode(sha256(('secret ' || id)::bytea), 'hex');
    UPDATE execution_executorkey SET prefix = 'dummy' || id,
        sha256 = encode(sha256(('key ' || id)::bytea), 'hex');
    UPDATE auth_user SET password = '!';
"""


def main() -> int:
    import_module("tests.embedded")  # starts a server of its own
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")
    import_module("django").setup()
    import_module("django.conf").settings.REQUEST_DATABASE_DEADLINE_SECONDS = 60.0
    database = import_module("tests.database")
    name = database.migrated_create()
    with database.pointed_at(name):
        import_module("tests.dumps.demo").demo_trade()
        with database.superuser_connect() as superuser:
            superuser.execute(_DUMMIES)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    target = FOLDER / f"{version}.sql.gz"
    target.write_bytes(gzip.compress(_dump(name).encode(), mtime=0))
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size} bytes")
    return 0


def _dump(name: str) -> str:
    """Plain SQL of everything, triggers after the data; owner and rights are set on restoring."""
    from fusion_project.local.servers.pg_install import bin_folder_find

    url = os.environ["FUSION_TEST_SUPERUSER_URL"].rpartition("/")[0]
    done = subprocess.run(
        [
            str(bin_folder_find() / "pg_dump"),
            f"--dbname={url}/{name}",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            "--rows-per-insert=200",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    # Commands of psql are no SQL.
    lines = done.stdout.splitlines(keepends=True)
    commands = ("\\restrict", "\\unrestrict")
    return "".join(line for line in lines if not line.startswith(commands))


if __name__ == "__main__":
    sys.exit(main())
