"""The base of every app's domain errors: a fact that refuses what was asked."""


class DomainError(Exception):
    """Subclasses name the fact, and set `code` (snake_case) and the HTTP `status` it answers with.

    Keyword arguments become the error's detail: plain values that a client may read.
    """

    code = "refused"
    status = 409

    def __init__(self, message: str = "", **detail: object) -> None:
        super().__init__(message or self.code.replace("_", " "))
        self.detail = detail
