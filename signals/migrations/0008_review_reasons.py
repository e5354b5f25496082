"""Each verdict has reasons of its own; reviews made before are not looked at: they keep theirs."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

from signals.models.checks import OneOf

_APPROVE = ["agree_with_fusion", "checked_chart", "within_plan", "other"]
_REJECT = [
    "price_moved",
    "news_ahead",
    "too_much_exposure",
    "outside_plan",
    "doubt_data",
    "other",
]


class Migration(migrations.Migration):
    dependencies = [("signals", "0007_tradable")]
    operations = [
        AddConstraintNotValid(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=Q(Q(verdict="approve"), OneOf("reason", _APPROVE))
                | Q(Q(verdict="reject"), OneOf("reason", _REJECT)),
                name="signals_review_reason_fits_verdict",
            ),
        ),
    ]
