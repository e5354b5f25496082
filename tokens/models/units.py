"""Units and what earns them; rows of all three are facts or policy that never changes in place."""

from django.db import models
from django.db.models import Q

from fusion_project.events.actors import actor_known
from fusion_project.text.formats import exact_number

KINDS = ("internal", "jetton")


class Token(models.Model):
    """DAI, DA or DCT. Internal units have no chain; a jetton's cap is in whole tokens."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices={kind: kind for kind in KINDS})
    decimals = models.PositiveSmallIntegerField()
    cap = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    currency = models.OneToOneField(
        "treasury.Currency", on_delete=models.PROTECT, related_name="token"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="tokens_token_kind"),
            models.CheckConstraint(condition=Q(decimals__lte=18), name="tokens_token_decimals"),
            models.CheckConstraint(
                condition=Q(code=models.F("currency")), name="tokens_token_currency_is_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.name})"


class RuleVersion(models.Model):
    """The parameters of a token's rule from a moment on; formulas: `tokens.rules.earning`."""

    subject_label = "tokens.rule_version"

    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="rules")
    version = models.PositiveIntegerField()
    parameters = models.JSONField()
    valid_from = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80, default="system")
    # What two people wanted; the rules that came with the tokens have none.
    request = models.OneToOneField(
        "second_person.Request",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="token_rule",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "valid_from"], name="tokens_rule_from_once"),
            models.UniqueConstraint(fields=["token", "version"], name="tokens_rule_version_once"),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="tokens_rule_version_from_one"
            ),
            actor_known("recorded_by", name="tokens_rule_recorded_by_form"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id} version {self.version}"


class PositionAward(models.Model):
    """What one token's rule made of one fold revision of a closed position.

    Without an entry the amount is zero and `reason` says why there was nothing to post.
    """

    position = models.ForeignKey(
        "execution.Position", on_delete=models.PROTECT, related_name="awards"
    )
    fold_revision = models.PositiveIntegerField()
    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="awards")
    rule = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="awards")
    amount = models.DecimalField(max_digits=38, decimal_places=18)
    entry = models.OneToOneField(
        "treasury.Entry", on_delete=models.PROTECT, null=True, blank=True, related_name="award"
    )
    reason = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["position", "fold_revision", "token"], name="tokens_award_once"
            ),
            models.CheckConstraint(
                condition=Q(entry__isnull=False, reason="") & ~Q(amount=0)
                | (Q(entry=None, amount=0) & ~Q(reason="")),
                name="tokens_award_entry_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{exact_number(self.amount)} {self.token_id} for position {self.position_id}"
