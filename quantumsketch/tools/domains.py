"""The domains that a policy may name, and what each covers. Pure: resolves nothing, connects to nothing.

`example.org` is that name alone; `*.example.org` its subdomains, however deep, and not itself; `:8443` at the
end means that port, instead of 80 and 443. What would let in strangers is refused when the policy is made: a
wildcard over a whole top-level domain, or over one like `co.uk`, under which anybody can register. Which
other domains hand out names to anybody (hosting companies) is not known here: name exactly what is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WEB_PORTS = frozenset({80, 443})
LONGEST_NAME = 253
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
TOP_LABEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}(?<!-)")
"""No top-level domain is a number: what ends in one is an address, be it decimal, octal or hexadecimal."""
PORT = re.compile(r"[1-9][0-9]{0,4}")
MOST_PORT = 65_535
NEVER_PUBLIC = {"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "arpa"}
"""Top-level names that mean this machine or its own network, or that serve the network itself."""
REGISTRIES = {"gouv", "asso", "info", "firm", "store", "school", "police", "parliament"}
"""Second-level labels longer than three letters under which countries register names."""
SHORT_LABEL = 3


@dataclass(frozen=True)
class Domain:
    """One entry of a policy's list."""

    name: str
    """In lower case and ASCII, without a trailing dot or wildcard."""
    wildcard: bool
    """The strict subdomains of the name are meant, not the name."""
    ports: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Domain:
        """Read `NAME`, `*.NAME`, each with or without `:PORT`; ValueError says what is wrong with it."""
        try:
            if "/" in text or "@" in text:
                raise ValueError("it has more than a name and a port")
            written, colon, port = text.partition(":")
            ports = frozenset({_port(port)}) if colon else WEB_PORTS
            wildcard = written.startswith("*.")
            name = host_name(written.removeprefix("*."))
            if wildcard:
                _refuse_wide(name)
        except ValueError as error:
            raise ValueError(
                f"{text!r} is no domain for a policy: {error}; write 'example.org' for that host, "
                "'*.example.org' for its subdomains, 'example.org:8443' for another port than 80 and 443"
            ) from error
        return cls(name, wildcard, ports)

    def covers(self, host: str, port: int) -> bool:
        """Tell whether a host, in any spelling of its name, may be spoken to at this port."""
        try:
            name = host_name(host)
        except ValueError:
            return False
        same = name.endswith(f".{self.name}") if self.wildcard else name == self.name
        return same and port in self.ports


def host_name(text: str) -> str:
    """Return a public host's name in lower case and ASCII, without a trailing dot; else ValueError."""
    if len(text) > LONGEST_NAME + 1:  # before the codec, which is slow for long ones
        raise ValueError(f"a name has at most {LONGEST_NAME} characters")
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"a name has at most {LONGEST_NAME} characters")
    if bad := [label for label in labels if not LABEL.fullmatch(label)]:
        raise ValueError(f"{bad[0]!r} is no part of a name: only letters, digits and inner hyphens make one")
    if not TOP_LABEL.fullmatch(labels[-1]):
        raise ValueError(f"{labels[-1]!r} is no top-level domain, and addresses are not accepted")
    if labels[-1] in NEVER_PUBLIC:
        raise ValueError(f"names under {labels[-1]!r} are not public")
    if len(labels) < 2:
        raise ValueError("a single word is no public name")
    return name


def _ascii(text: str) -> str:
    """Encode a name for the resolver, if that changes nothing about it but its case.

    Python's codec follows the rules of 2003, which quietly turn some names into others: full-width digits
    into an address, a German sharp s into two letters. Such a name has to be written in its `xn--` form.
    """
    lower = text.lower()
    if lower.isascii():
        return lower
    encoded = lower.encode("idna")  # UnicodeError is a ValueError
    if encoded.decode("idna") != lower:
        raise ValueError("it means different names to different programs: write its 'xn--' form")
    return encoded.decode("ascii")


def _port(text: str) -> int:
    if not PORT.fullmatch(text) or int(text) > MOST_PORT:
        raise ValueError(f"{text!r} is no port from 1 to {MOST_PORT}")
    return int(text)


def _refuse_wide(name: str) -> None:
    """Refuse a wildcard over a name under which strangers register.

    Under a country's two letters, labels of up to three letters (`co`, `com`, `gov`, `ac`) are mostly such.
    A company with so short a name is refused as well, and names its subdomains one by one.
    """
    labels = name.split(".")
    country = len(labels[-1]) == 2
    if len(labels) == 2 and country and (len(labels[0]) <= SHORT_LABEL or labels[0] in REGISTRIES):
        raise ValueError(f"anybody may register names under {name!r}: name the subdomains that are needed")
