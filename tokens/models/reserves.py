"""What is owed and held, as told at one moment and signed; each epoch holds the one before."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact

from tokens.models.chain import units_field
from treasury.models import BOOKS


class ReserveSnapshot(models.Model):
    """One epoch of a book. `statement` is canonical JSON; hash and signature are over its bytes.

    Without a signing key `signature` and `public_key` are empty. Append-only.
    """

    book = models.CharField(max_length=8, choices={book: book for book in BOOKS})
    epoch = models.PositiveIntegerField()
    at = models.DateTimeField()
    statement = models.TextField()
    sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    public_key = models.CharField(max_length=64, blank=True, default="")
    signature = models.CharField(max_length=128, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "epoch"], name="tokens_reserves_epoch_once"),
            models.CheckConstraint(condition=Q(book__in=BOOKS), name="tokens_reserves_book"),
            models.CheckConstraint(
                condition=Exact(
                    F("sha256"),
                    Func(
                        Func(
                            Func(F("statement"), Value("UTF8"), function="convert_to"),
                            function="sha256",
                        ),
                        Value("hex"),
                        function="encode",
                        output_field=models.TextField(),
                    ),
                ),
                name="tokens_reserves_is_hashed",
            ),
            models.CheckConstraint(
                condition=Q(public_key="", signature="")
                | Q(public_key__regex=r"^[0-9a-f]{64}$", signature__regex=r"^[0-9a-f]{128}$"),
                name="tokens_reserves_signed_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.book} {self.epoch}"


class ReserveLeaf(models.Model):
    """What one holder was owed of one unit; `salt` is told to that holder alone. Append-only."""

    snapshot = models.ForeignKey(ReserveSnapshot, on_delete=models.PROTECT, related_name="leaves")
    unit = models.CharField(max_length=12)
    place = models.PositiveIntegerField()
    holder = models.CharField(max_length=160)
    amount = units_field()
    salt = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "unit", "place"], name="tokens_reserve_place_once"
            ),
            models.UniqueConstraint(
                fields=["snapshot", "unit", "holder"], name="tokens_reserve_holder_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="tokens_reserve_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.unit}"
