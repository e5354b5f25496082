"""The Celery app. It only carries doorbells; what is to be done stands in Postgres."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")

app = Celery("fusion_project")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["fusion_project.events"])


@setup_logging.connect  # type: ignore[untyped-decorator]
def _keep_our_logging(**_: object) -> None:
    """Celery must not replace the JSON logging that Django has set up."""
