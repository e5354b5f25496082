"""App configuration of tokens."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tokens"
    verbose_name = "Tokens"

    def ready(self) -> None:
        from tokens.selectors.equation import checks_register

        checks_register()
