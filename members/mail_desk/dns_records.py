"""What the domain name system says about who may send our mail: answers as lists, empty where there is nothing."""

from __future__ import annotations

import ipaddress

import dns.exception
import dns.resolver
import dns.reversename

SECONDS = 5  # for one question, all servers and repetitions together


class NoAnswer(Exception):
    """No server answers, or it says that it can't: that is no word about the name."""


class Records:
    """`server` is "address" or "address:port" of a name server; without it, those that this machine asks."""

    def __init__(self, server: str = "") -> None:
        try:
            self._resolver = dns.resolver.Resolver(configure=not server)
        except dns.exception.DNSException as error:
            raise NoAnswer(str(error)) from error
        if server:
            address, _colon, port = server.partition(":")
            self._resolver.nameservers, self._resolver.port = [address], int(port or 53)
        self._resolver.lifetime = SECONDS

    def texts(self, name: str) -> list[str]:
        """TXT records, the strings of each put together (RFC 7208 section 3.3)."""
        return [b"".join(each.strings).decode("utf-8", "replace") for each in self._ask(name, "TXT")]

    def mail_servers(self, domain: str) -> list[str]:
        """The hosts of MX, the first choice first; "" for a domain that says it takes no mail (RFC 7505)."""
        found = sorted(self._ask(domain, "MX"), key=lambda each: each.preference)
        return [str(each.exchange).rstrip(".").lower() for each in found]

    def addresses(self, host: str) -> list[str]:
        return [each.address for kind in ("A", "AAAA") for each in self._ask(host, kind)]

    def names_of(self, address: str) -> list[str]:
        """What PTR calls an address."""
        name = dns.reversename.from_address(str(ipaddress.ip_address(address)))
        return [str(each.target).rstrip(".").lower() for each in self._ask(name, "PTR")]

    def _ask(self, name: object, kind: str) -> list:
        try:
            return list(self._resolver.resolve(name, kind, search=False))  # type: ignore[arg-type]
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise NoAnswer(str(error)) from error
