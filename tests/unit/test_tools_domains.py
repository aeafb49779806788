"""Which domains a policy may name, and what each of them covers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.tools.domains import WEB_PORTS, Domain, host_name

LABEL = st.from_regex(r"[a-z][a-z0-9]{3,9}", fullmatch=True)
NAME = st.builds("{}.{}.org".format, LABEL, LABEL)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("example.org", Domain("example.org", wildcard=False, ports=WEB_PORTS)),
        ("Example.ORG.", Domain("example.org", wildcard=False, ports=WEB_PORTS)),
        ("*.Example.org", Domain("example.org", wildcard=True, ports=WEB_PORTS)),
        ("example.org:8443", Domain("example.org", wildcard=False, ports=frozenset({8443}))),
        ("*.example.org.:65535", Domain("example.org", wildcard=True, ports=frozenset({65535}))),
        ("Bücher.example.org", Domain("xn--bcher-kva.example.org", wildcard=False, ports=WEB_PORTS)),
        ("*.bbc.co.uk", Domain("bbc.co.uk", wildcard=True, ports=WEB_PORTS)),
        ("a-b.xn--p1ai", Domain("a-b.xn--p1ai", wildcard=False, ports=WEB_PORTS)),
    ],
)
def test_a_name_is_read_into_its_one_spelling(text: str, domain: Domain) -> None:
    assert Domain.parse(text) == domain


TOO_WIDE = [
    "*",
    "*.",
    "*.*",
    "*.com",
    "*.org",
    "*.co.uk",
    "*.com.br",
    "*.gov.uk",
    "*.gouv.fr",
    "*.*.example.org",
]
ADDRESSES = [
    "127.0.0.1", "8.8.8.8", "8.8.8.8:443", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
    "017700000001", "::1", "[::1]", "[::1]:443", "2001:db8::1", "[::ffff:127.0.0.1]", "１２７.０.０.１",
    "127.0.0.1.", "*.0.0.1", "1.2.3.0x4",
]  # fmt: skip
NOT_PUBLIC = [
    "localhost",
    "localhost.",
    "db.localhost",
    "printer.local",
    "db.internal",
    "db",
    "*.db",
    "1.in-addr.arpa",
]
NO_NAMES = [
    "", ".", ":443", "example..org", ".example.org", "example.org..", "x.*.org", "*example.org", "e*e.org",
    "under_score.org", "-a.org", "a-.org", " example.org", "example.org ", "exam ple.org", "example.org\0",
    "example.org\n", "example.org\0.allowed.org", "a" * 64 + ".org", ".".join(["a" * 60] * 5) + ".org",
    "http://example.org", "https://example.org", "example.org/path", "//example.org", "user@example.org",
    "user:pass@example.org", "example.org?x", "example.org#x", "example.org\\x", "example.org%00", "xn--.org",
    "straße.org", "example。org", "zero\u200dwidth.org",
]  # fmt: skip
NO_PORTS = [
    f"example.org:{port}"
    for port in ("", "0", "65536", "-1", "+80", "080", "80 ", "٨٠", "http", "80:80", "*")
]


@pytest.mark.parametrize("text", [*TOO_WIDE, *ADDRESSES, *NOT_PUBLIC, *NO_NAMES, *NO_PORTS])
def test_what_is_no_narrow_public_name_is_refused_and_the_message_shows_it(text: str) -> None:
    with pytest.raises(ValueError, match="is no domain for a policy") as refusal:
        Domain.parse(text)
    assert repr(text) in str(refusal.value)
    assert "write 'example.org'" in str(refusal.value)


@pytest.mark.parametrize(
    ("domain", "host", "port"),
    [
        ("example.org", "example.org", 443),
        ("example.org", "EXAMPLE.org.", 80),
        ("*.example.org", "a.example.org", 443),
        ("*.example.org", "a.b.example.org", 80),
        ("example.org:22", "example.org", 22),
        ("bücher.example.org", "xn--bcher-kva.example.org", 443),
    ],
)
def test_a_domain_covers_what_it_names(domain: str, host: str, port: int) -> None:
    assert Domain.parse(domain).covers(host, port)


@pytest.mark.parametrize(
    ("domain", "host", "port"),
    [
        ("example.org", "example.org", 22),
        ("example.org", "a.example.org", 443),
        ("example.org", "notexample.org", 443),
        ("example.org", "example.org.evil.net", 443),
        ("example.org", "example.org\0.evil.net", 443),
        ("example.org", "example.org..", 443),
        ("example.org", "", 443),
        ("example.org", "org", 443),
        ("*.example.org", "example.org", 443),
        ("*.example.org", ".example.org", 443),
        ("*.example.org", "evilexample.org", 443),
        ("*.example.org", "*.example.org", 443),
        ("example.org:8443", "example.org", 443),
        ("*.example.org:8443", "a.example.org", 80),
    ],
)
def test_a_domain_covers_nothing_else(domain: str, host: str, port: int) -> None:
    assert not Domain.parse(domain).covers(host, port)


@given(NAME, st.integers(1, 65_535))
@settings(deadline=None)
def test_a_name_covers_itself_at_its_port_and_no_neighbour(name: str, port: int) -> None:
    one, below = Domain.parse(f"{name}:{port}"), Domain.parse(f"*.{name}:{port}")
    assert one.covers(name.upper(), port)
    assert not one.covers(name, port % 65_535 + 1)
    assert not one.covers(f"a.{name}", port)
    assert below.covers(f"a.{name}", port)
    assert not below.covers(name, port)
    assert not below.covers(f"a{name}", port)


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_text_is_either_a_plain_name_or_refused(text: str) -> None:
    try:
        name = host_name(text)
    except ValueError:
        assert not Domain.parse("*.example.org").covers(text, 443)
        return
    assert name == host_name(name)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")


@given(st.text(max_size=100), st.integers())
@settings(deadline=None)
def test_any_host_and_port_is_only_covered_as_a_subdomain(host: str, port: int) -> None:
    if Domain.parse("*.example.org").covers(host, port):
        assert host_name(host).endswith(".example.org")
        assert port in WEB_PORTS
