"""What the app's role may do here. Tokens come with migrations and never change."""

NO_DIRECT_WRITE = ["tokens_token"]
CHANGES: dict[str, dict[str, str]] = {
    "tokens_positionaward": {},
    "tokens_ruleversion": {},
}
