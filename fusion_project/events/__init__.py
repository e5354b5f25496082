"""The event log: outbox, audit trail and life line in one (ADR 0002)."""
