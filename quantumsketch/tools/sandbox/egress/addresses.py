"""Which addresses are out on the public internet. Pure: knows the registries' tables and nothing of names.

The tables are IANA's special-purpose registries, and the sources of the rules that matter most are named.
What is not certainly public is not: an unknown spelling, a range not yet given out, an address in an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

IPV4_NOT_PUBLIC: Mapping[IPv4Network, str] = {
    IPv4Network(network): reason
    for network, reason in {
        "0.0.0.0/8": "unspecified: it means this machine",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "shared by a provider's customers",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "a cloud's own service for its machines",
        "169.254.0.0/16": "link-local, where clouds keep a machine's credentials",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved",
        "192.0.2.0/24": "for documentation",
        "192.31.196.0/24": "reserved",
        "192.52.193.0/24": "reserved",
        "192.88.99.0/24": "a relay into IPv6",
        "192.168.0.0/16": "private",
        "192.175.48.0/24": "reserved",
        "198.18.0.0/15": "for measurements",
        "198.51.100.0/24": "for documentation",
        "203.0.113.0/24": "for documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
IPV6_NOT_PUBLIC: Mapping[IPv6Network, str] = {
    IPv6Network(network): reason
    for network, reason in {
        "::1/128": "loopback",
        "::/128": "unspecified: it means this machine",
        "::ffff:0:0/96": "an IPv4 address in disguise",
        "::/96": "an IPv4 address in disguise",
        "64:ff9b:1::/48": "a translator's own network",
        "100::/64": "a black hole",
        "2001::/32": "a tunnel (Teredo)",
        "2001::/23": "reserved",
        "2001:db8::/32": "for documentation",
        "2002::/16": "a tunnel (6to4)",
        "3fff::/20": "for documentation",
        "fc00::/7": "private",
        "fe80::/10": "link-local",
        "fec0::/10": "site-local",
        "ff00::/8": "multicast",
    }.items()
}
"""The first that holds an address tells the reason."""
IPV6_PUBLIC = IPv6Network("2000::/3")
"""All that has been given out for the public internet (RFC 4291)."""
TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 as networks without it see it: the last 32 bits are the address that is meant (RFC 6052)."""
IPV4_BITS = 2**32 - 1


def why_not_public(address: str) -> str | None:
    """Return why nothing may be dialled at this address; None if it is a public one in its plain spelling."""
    if "%" in address:
        return "it belongs to one of this machine's own links"
    try:
        parsed = ip_address(address)
    except ValueError:
        return "it is no address in its plain spelling"
    return _ipv4(parsed) if isinstance(parsed, IPv4Address) else _ipv6(parsed)


def _ipv4(address: IPv4Address) -> str | None:
    return next((reason for network, reason in IPV4_NOT_PUBLIC.items() if address in network), None)


def _ipv6(address: IPv6Address) -> str | None:
    if address in TRANSLATED:
        return _ipv4(IPv4Address(int(address) & IPV4_BITS))
    for network, reason in IPV6_NOT_PUBLIC.items():
        if address in network:
            return reason
    return None if address in IPV6_PUBLIC else "reserved"
