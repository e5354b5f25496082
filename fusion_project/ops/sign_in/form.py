"""The sign-in form: a locked name reads like a wrong password, with the time when it ends."""

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from fusion_project.ops.sign_in.tries import Try
from fusion_project.text.formats import clock_text


class SignInForm(AdminAuthenticationForm):
    """Differs from Django's in one sentence."""

    def get_invalid_login_error(self) -> ValidationError:
        wrong = super().get_invalid_login_error()
        tried: Try | None = getattr(self.request, "sign_in_try", None)
        if tried is None or tried.locked_until is None:
            return wrong
        until = clock_text(tried.locked_until)
        return ValidationError([wrong, f"There were too many tries. Try again after {until} UTC."])
