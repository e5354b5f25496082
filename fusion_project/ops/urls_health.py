"""Addresses for supervisors and monitors."""

from django.urls import path

from fusion_project.ops.views.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
