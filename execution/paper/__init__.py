"""A paper executor: a simulated broker and an executor that speaks only the executor API.

Nothing here imports Django; it runs in a process of its own.
"""
