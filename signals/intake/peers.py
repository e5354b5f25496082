"""Who is calling: the real peer, or what our own proxies say of it. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# One caller may own a whole IPv6 network of this size.
_IPV6_PREFIX: Final = 64


def peer_address(
    remote_addr: str, forwarded_for: str, proxy_count: int, proxies: Collection[str]
) -> str:
    """Return the caller's address, or the empty string where it cannot be told.

    `X-Forwarded-For` counts from the right, one entry for each proxy of our own; what a caller
    wrote there itself stands further left and is never believed. It is not read at all where the
    connection comes from somewhere else than a proxy of our own (`proxies`: their networks).
    """
    if is_trusted_proxy(remote_addr, proxy_count, proxies):
        entries = forwarded_for.split(",")
        if len(entries) >= proxy_count and (forwarded := _read(entries[-proxy_count].strip())):
            return str(forwarded)
    return str(_read(remote_addr) or "")


def is_trusted_proxy(remote_addr: str, proxy_count: int, proxies: Iterable[str]) -> bool:
    """Return whether the connection comes from a proxy of our own, whose headers count."""
    return proxy_count > 0 and is_in_networks(remote_addr, proxies)


def is_in_networks(peer: str, networks: Iterable[str]) -> bool:
    """Return whether the address is one of the networks or addresses."""
    address = _read(peer)
    return address is not None and any(address in _network(one) for one in networks)


def limit_key(peer: str) -> str:
    """Return whom a limit counts: an IPv4 address, or the /64 network of an IPv6 one."""
    address = _read(peer)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address.packed, _IPV6_PREFIX), strict=False))
    return str(address or "")


@lru_cache(maxsize=1024)  # asked several times for one request
def _read(text: str) -> Address | None:
    """Return the address; an IPv4 address in IPv6 dress as what it is.

    Without its zone, which is a name on one machine and may be any text of any length.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=256)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text)
