"""Addresses of the public pages."""

from django.urls import path

from fusion_project.community import views, views_linter

app_name = "community"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("live/overview", views.overview_fragment, name="overview_fragment"),
    path("trades/<int:position_id>/", views.trade, name="trade"),
    path("methodology/", views.methodology, name="methodology"),
    path("tools/alert-linter/", views_linter.alert_linter, name="alert_linter"),
]
