"""Root URLs: each place brings its own."""

from django.contrib import admin
from django.urls import include, path

handler403 = "fusion_project.ops.views.errors.page_forbidden"
handler404 = "fusion_project.ops.views.errors.page_missing"

urlpatterns = [
    path("", include("fusion_project.ops.urls_health")),
    path("hooks/", include("signals.urls")),
    path("api/v1/executor/", include("execution.urls")),
    path("ops/", include("fusion_project.ops.urls")),
    path("admin/", admin.site.urls),
    path("", include("fusion_project.community.urls")),
]
