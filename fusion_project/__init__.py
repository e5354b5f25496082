"""The project: settings, urls, the Celery app, and the places that every app stands on."""

from fusion_project.celery import app as celery_app

__all__ = ("celery_app",)
