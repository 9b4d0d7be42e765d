"""Which addresses are one line: whoever has an address of IPv6 has all of its /64, and a customer often a /48."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def line_of(address: str) -> str:
    """The address of IPv4, the first of the /64 of IPv6; as it is when it is none."""
    parsed = parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network(f"{parsed}/64", strict=False).network_address)
    return str(parsed or address)


def parse(address: str) -> IPv4Address | IPv6Address | None:
    """None for what is no address. One of IPv4 as a socket of both kinds names it (::ffff:203.0.113.9) is one of IPv4."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
