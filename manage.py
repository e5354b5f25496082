#!/usr/bin/env python
"""Command line entry: every management command runs through here."""

import os
import sys

from django.core.management import execute_from_command_line

# Commands that only read files, or nothing, and print need no site, hence no settings of one.
SITELESS = ("lint_alert", "list_refusals")
PLACEHOLDERS = {
    "SECRET_KEY": "no-site-" + "x" * 50,
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "off",
}


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in SITELESS:
        for name, value in PLACEHOLDERS.items():
            if f"{name}_FILE" not in os.environ:
                os.environ.setdefault(name, value)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
