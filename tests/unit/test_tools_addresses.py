"""Which addresses the proxy may dial."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.tools.sandbox.egress.addresses import IPV4_NOT_PUBLIC, IPV6_NOT_PUBLIC, why_not_public
from quantumsketch.tools.sandbox.egress.outside import dial, is_own


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "8.8.8.8", "93.184.215.14", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255",
        "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:829::200e", "2400:cb00::1",
        "64:ff9b::8.8.8.8",
    ],
)  # fmt: skip
def test_an_address_of_the_public_internet_may_be_dialled(address: str) -> None:
    assert why_not_public(address) is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("::", "unspecified"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%lo", "links"),
        ("::1%1", "links"),
        ("2606:4700::1%eth0", "links"),
        ("fec0::1", "site-local"),
        ("100.64.0.1", "shared"),
        ("100.100.100.200", "shared"),
        ("168.63.129.16", "cloud"),
        ("192.0.0.192", "reserved"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("240.0.0.1", "reserved"),
        ("192.0.2.1", "documentation"),
        ("2001:db8::1", "documentation"),
        ("3fff::1", "documentation"),
        ("198.18.0.1", "measurements"),
        ("::ffff:10.0.0.1", "disguise"),
        ("::ffff:8.8.8.8", "disguise"),
        ("::ffff:7f00:1", "disguise"),
        ("::127.0.0.1", "disguise"),
        ("2002:7f00:1::", "6to4"),
        ("2002:808:808::1", "6to4"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
        ("2001:10::1", "reserved"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("64:ff9b:1::8.8.8.8", "translator"),
        ("64:ff9b:0:0:0:1:808:808", "reserved"),
        ("4000::1", "reserved"),
        ("5f00::1", "reserved"),
    ],
)
def test_any_other_address_is_refused_with_the_reason(address: str, reason: str) -> None:
    assert reason in (why_not_public(address) or "")


@pytest.mark.parametrize(
    "address",
    [
        "", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "8.8.8.8 ", "8.8.8.8\n", "[::1]", "8.8.8.8:80",
        "a.org", "８.8.8.8", "1.1.1.1/32", "::ffff:0x7f.1",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    assert why_not_public(address) == "it is no address in its plain spelling"


@given(st.sampled_from(sorted(IPV4_NOT_PUBLIC)), st.data())
@settings(deadline=None)
def test_the_whole_of_a_special_ipv4_network_is_refused_in_every_disguise(
    network: object, data: st.DataObject
) -> None:
    low, high = int(network[0]), int(network[-1])  # type: ignore[index]  # a network is indexed by its addresses
    address = IPv4Address(data.draw(st.integers(low, high)))
    translated = IPv6Address((0x64FF9B << 96) | int(address))
    for spelling in (address, f"::ffff:{address}", f"::{address}", f"64:ff9b::{address}", translated):
        assert why_not_public(str(spelling))


@given(st.sampled_from(sorted(IPV6_NOT_PUBLIC)), st.data())
@settings(deadline=None)
def test_the_whole_of_a_special_ipv6_network_is_refused(network: object, data: st.DataObject) -> None:
    low, high = int(network[0]), int(network[-1])  # type: ignore[index]  # as above
    assert why_not_public(str(IPv6Address(data.draw(st.integers(low, high)))))


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
@settings(deadline=None)
def test_nothing_that_python_itself_calls_private_is_public(address: IPv4Address | IPv6Address) -> None:
    if why_not_public(str(address)) is None and str(address)[:8] != "64:ff9b:":
        assert not address.is_private
        assert not any([address.is_multicast, address.is_loopback, address.is_link_local])


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_a_plain_address_or_refused(text: str) -> None:
    if why_not_public(text) is None:
        assert ip_address(text)


def test_an_address_of_this_machine_is_recognised_however_public_it_looks() -> None:
    assert is_own("127.0.0.1")
    assert not is_own("192.0.2.1")
    assert not is_own("no address")


async def test_the_dialler_takes_addresses_and_no_names() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        _, writer = await dial("127.0.0.1", port)
        listener.accept()[0].close()
        writer.close()
        await writer.wait_closed()
        with pytest.raises(OSError, match="Name or service not known"):
            await dial("localhost", port)
