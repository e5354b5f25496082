"""Django's PostgreSQL backend with a deadline, so that a hung server never outlasts a request."""
