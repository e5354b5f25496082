"""Addresses of the public pages."""

from django.urls import path

from fusion_project.community import views, views_education, views_linter, views_lobes, views_seal

app_name = "community"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("live/overview", views.overview_fragment, name="overview_fragment"),
    path("trades/<int:position_id>/", views.trade, name="trade"),
    path("methodology/", views.methodology, name="methodology"),
    path("lobes/", views_lobes.lobes, name="lobes"),
    path("seal/", views_seal.seal, name="seal"),
    path("seal/heads.json", views_seal.seal_json, name="seal_json"),
    path("seal/reserves/<slug:book>.json", views_seal.reserves_json, name="reserves_json"),
    path("tools/alert-linter/", views_linter.alert_linter, name="alert_linter"),
    path("education/", views_education.education, name="education"),
    path("education/<slug:slug>/", views_education.education_script, name="education_script"),
    path(
        "education/<slug:slug>/chart.json", views_education.education_chart, name="education_chart"
    ),
    path("education/<slug:slug>/source", views_education.education_source, name="education_source"),
]
