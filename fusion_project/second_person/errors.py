"""Facts that refuse a request, its confirmation or its execution."""

from fusion_project.errors import DomainError


class RequestKindUnknown(DomainError):
    """No app carries out requests of this kind."""

    code = "request_kind_unknown"
    status = 400


class RequestNotFound(DomainError):
    """There is no such request."""

    code = "request_not_found"
    status = 404


class RequestOpen(DomainError):
    """The same is asked for already and waits."""

    code = "request_open"


class RequestEnded(DomainError):
    """The request is decided, withdrawn or lapsed already."""

    code = "request_ended"


class RequestChanged(DomainError):
    """What the person saw is not what the request asks for."""

    code = "request_changed"


class OwnRequest(DomainError):
    """Whoever asks does not confirm, or not yet."""

    code = "own_request"


class PersonUnknown(DomainError):
    """Not a member of staff who may sign in."""

    code = "person_unknown"
    status = 403


class ReasonMissing(DomainError):
    """A request says why."""

    code = "reason_missing"
    status = 400
