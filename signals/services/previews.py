"""A later app attaches what would be ordered of a decision; people approve just that."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction

from fusion_project.events.clock import now
from fusion_project.text.canonical import canonical_json
from signals.models import Decision, Preview


@transaction.atomic
def preview_attach(*, decision_id: int, content: dict[str, Any]) -> Preview:
    """Keep the preview of an entry once; where one is kept already, that one counts.

    `content` is the later app's own: hashed with what a reviewer is shown, never read here.
    """
    Decision.objects.select_for_update(no_key=True).get(id=decision_id)
    text = canonical_json(content)
    preview, _ = Preview.objects.get_or_create(
        decision_id=decision_id,
        defaults={
            "content": text,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "at": now(),
        },
    )
    return preview
