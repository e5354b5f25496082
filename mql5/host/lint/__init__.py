"""The linter: what MetaEditor would refuse, what the host cannot run, what invites mistakes."""
