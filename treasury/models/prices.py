"""Prices of one currency in another, and what was or will be converted at one."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from fusion_project.events.actors import actor_known
from fusion_project.text.formats import exact_number
from treasury.models.ledger import BOOKS, Currency, Entry, LedgerAccount, money_field
from treasury.rules.states import CONVERSION_EDGES, DONE, WAITING


class PriceSnapshot(models.Model):
    """What one `base` costs in `quote`, as a source told it for a moment. Append-only.

    `source`: `import:<name>`, `quotes:<account>` or `bars:<feed>/<symbol>`. The market of the paper
    book may be simulated, so a price is of one book.
    """

    subject_label = "treasury.price"

    book = models.CharField(max_length=8, choices={book: book for book in BOOKS})
    base = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+", db_index=False)
    quote = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+", db_index=False)
    price = money_field()
    priced_at = models.DateTimeField()
    source = models.CharField(max_length=180)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "base", "quote", "priced_at", "source"], name="treasury_price_once"
            ),
            models.CheckConstraint(condition=Q(book__in=BOOKS), name="treasury_price_book"),
            models.CheckConstraint(condition=Q(price__gt=0), name="treasury_price_above_zero"),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="treasury_price_of_another"),
            models.CheckConstraint(
                condition=Q(priced_at__lte=F("recorded_at")), name="treasury_price_of_the_past"
            ),
            models.CheckConstraint(
                condition=Q(source__regex=r"^(import|quotes|bars):[!-~][ -~]*$"),
                name="treasury_price_source_form",
            ),
            actor_known("recorded_by", name="treasury_price_recorded_by_form"),
        ]

    def __str__(self) -> str:
        return f"1 {self.base_id} = {exact_number(self.price)} {self.quote_id}"

    @property
    def age(self) -> timedelta:
        """How old it was when it was recorded."""
        return self.recorded_at - self.priced_at


class Conversion(models.Model):
    """An amount that passes into another currency once there is a price, as two people want it.

    `amount` leaves `source` and `received` reaches `target`, each in the account's own direction.
    Rows move along `states.CONVERSION_EDGES`, once.
    """

    subject_label = "treasury.conversion"

    book = models.CharField(max_length=8, choices={book: book for book in BOOKS})
    source = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    amount = money_field()
    state = models.CharField(
        max_length=10, default=WAITING, choices={state: state for state in CONVERSION_EDGES}
    )
    waits_for = models.CharField(max_length=300, blank=True, default="")
    price = models.ForeignKey(
        PriceSnapshot, on_delete=models.PROTECT, null=True, blank=True, related_name="conversions"
    )
    received = money_field(null=True, blank=True)
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="conversion"
    )
    request = models.OneToOneField(
        "second_person.Request", on_delete=models.PROTECT, related_name="conversion"
    )
    asked_at = models.DateTimeField()
    ended_by = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="treasury_conversion_amount"),
            models.CheckConstraint(
                condition=Q(state__in=list(CONVERSION_EDGES)), name="treasury_conversion_state"
            ),
            models.CheckConstraint(
                condition=Q(state=DONE, price__isnull=False, received__gt=0, entry__isnull=False)
                | (~Q(state=DONE) & Q(price=None, received=None, entry=None)),
                name="treasury_conversion_done_at_a_price",
            ),
            models.CheckConstraint(
                condition=Q(state=WAITING, ended_at=None, ended_by="")
                | (~Q(state=WAITING) & Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="treasury_conversion_ended_by_one",
            ),
            actor_known("ended_by", name="treasury_conversion_ended_by_form", or_empty=True),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state=WAITING), name="treasury_conversion_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{exact_number(self.amount)} {self.source.currency_id} ({self.state})"
