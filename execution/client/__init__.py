"""The executor API from an executor's side, as typed calls; nothing here imports Django."""

from execution.client.calls import ExecutorClient, Refused, ServerAway

__all__ = ["ExecutorClient", "Refused", "ServerAway"]
