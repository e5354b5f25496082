"""Rules and the paper executor know no Django."""

import subprocess
import sys

import pytest

PURE = [
    "execution.rules.folding",
    "execution.rules.messages",
    "execution.rules.prices",
    "execution.rules.retcodes",
    "execution.rules.sizing",
    "execution.rules.states",
    "execution.traces",
    "execution.rules.trades",
    "execution.wire",
    "execution.client",
    "execution.paper.executor",
]


@pytest.mark.parametrize("name", PURE)
def test_it_imports_neither_django_nor_the_queue(name):
    probe = (
        f"import sys, {name};"
        "sys.exit(any(m.split('.')[0] in ('django', 'rest_framework', 'celery')"
        " for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
