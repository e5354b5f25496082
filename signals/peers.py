"""Who is calling: the real peer, or what our own proxies say of it. Pure."""

from __future__ import annotations

import ipaddress


def peer_address(remote_addr: str, forwarded_for: str, proxy_count: int) -> str:
    """Return the caller's address.

    `X-Forwarded-For` counts from the right, one entry for each proxy of our own; what a caller
    wrote there itself stands further left and is never believed.
    """
    if proxy_count > 0:
        entries = [entry.strip() for entry in forwarded_for.split(",") if entry.strip()]
        if len(entries) >= proxy_count:
            return _address(entries[-proxy_count])
    return _address(remote_addr)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
