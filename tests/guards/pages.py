"""Guards of people's pages: what is compressed, what asks first, reasons of a review."""

from tests.guards.guard import Guard

_MIDDLEWARE = "fusion_project/people_middleware.py"
_OPS = "tests/integration/ops/"
_COMPRESSION = ("tests/integration/project/test_compression.py",)

PAGES = (
    Guard(
        "pages: what machines get is not compressed",
        _MIDDLEWARE,
        "    machine_paths = MACHINE_PREFIXES\n",
        "",
        _COMPRESSION,
    ),
    Guard(
        "pages: an answer that tells a secret is not compressed",
        _MIDDLEWARE,
        'if "no-transform" in response.get("Cache-Control", ""):',
        "if False:",
        _COMPRESSION,
    ),
    Guard(
        "pages: the answer that tells a secret is marked",
        "fusion_project/ops/views/secrets.py",
        "return shown_once(response) if issued else response",
        "return response",
        _COMPRESSION,
    ),
    Guard(
        "pages: revoking a symbol asks first",
        "fusion_project/ops/views/symbols.py",
        'if request.method == "POST":',
        "if True:",
        (f"{_OPS}test_symbols.py",),
    ),
    Guard(
        "pages: revoking a secret asks first",
        "fusion_project/ops/views/secrets.py",
        'if request.method == "POST":',
        "if True:",
        (f"{_OPS}test_secrets.py",),
    ),
    Guard(
        "pages: a missing staff page leads to the login",
        "fusion_project/ops/views/errors.py",
        "    if not _is_signed_in(request):\n",
        "    if False:\n",
        (f"{_OPS}test_error_pages.py",),
    ),
    Guard(
        "review: the table takes the reasons of the verdict",
        "signals/migrations/0008_review_reasons.py",
        'Q(Q(verdict="approve"), OneOf("reason", _APPROVE))',
        'Q(verdict="approve")',
        ("tests/integration/signals/test_reviews.py",),
        in_database=True,
    ),
)
