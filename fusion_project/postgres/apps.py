"""App configuration; the place is an app for its command `setup_roles`."""

from django.apps import AppConfig


class PostgresConfig(AppConfig):
    name = "fusion_project.postgres"
    label = "postgres"
