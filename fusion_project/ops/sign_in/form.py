"""The forms that take a password: a lock reads like a wrong one, with the time when it ends."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from fusion_project.ops.sign_in.guard import caller_address
from fusion_project.ops.sign_in.tries import Try, try_forgive, try_take
from fusion_project.text.formats import clock_text


def too_many(tried: Try) -> str:
    """When to come again."""
    return f"There were too many tries. Try again after {clock_text(tried.locked_until)} UTC."


class SignInForm(AdminAuthenticationForm):
    """Differs from Django's in one sentence."""

    def get_invalid_login_error(self) -> ValidationError:
        wrong = super().get_invalid_login_error()
        tried: Try | None = getattr(self.request, "sign_in_try", None)
        if tried is None or tried.locked_until is None:
            return wrong
        return ValidationError([wrong, too_many(tried)])


class OwnPasswordForm(AdminPasswordChangeForm):
    """The password so far is guessed here no more often than at the sign-in page."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = caller_address(request)

    def clean_old_password(self) -> str:
        name = self.user.get_username()
        tried = try_take(name=name, address=self._address)
        if not tried.is_allowed:
            raise ValidationError(too_many(tried))
        password: str = super().clean_old_password()
        try_forgive(name=name, address=self._address)
        return password

    def validate_password_for_user(self, user: Any, *args: Any, **kwargs: Any) -> None:
        """Whoever does not know the password so far is told nothing of a new one.

        Else `AnotherPassword` would say of any guess whether it is the password, as often as asked.
        """
        if self.cleaned_data.get("old_password"):
            super().validate_password_for_user(user, *args, **kwargs)


class OwnPasswordView(PasswordChangeView):
    """Django's own, with our form."""

    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}
