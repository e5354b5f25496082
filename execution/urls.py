"""Routes below `/api/v1/executor/`."""

from django.urls import path

from execution import api

app_name = "executor"

urlpatterns = [
    path("hello", api.HelloApi.as_view(), name="hello"),
    path("poll", api.PollApi.as_view(), name="poll"),
    path("reports", api.ReportsApi.as_view(), name="reports"),
    path("heartbeat", api.HeartbeatApi.as_view(), name="heartbeat"),
    path("bars", api.BarsApi.as_view(), name="bars"),
    path("wait", api.WaitApi.as_view(), name="wait"),
]
