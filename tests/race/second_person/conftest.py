"""A kind of requests for these tests."""

from tests.second_person_probe import probe

__all__ = ("probe",)
