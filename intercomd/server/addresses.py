"""This machine's names and addresses, as others on its networks know it."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from pathlib import Path

_SIOCGIFADDR = 0x8915  # netdevice(7): an interface's IPv4 address
_NAME_BYTES = 16
_ADDRESS_OFFSET = 20
_IPV6_TABLE = Path("/proc/net/if_inet6")
_LINK_LOCAL = ipaddress.ip_network("fe80::/10")


def own_names() -> list[str]:
    """The host's name first, then as mDNS tells it, and "localhost"."""
    name = socket.gethostname().lower()
    names = [name, socket.getfqdn().lower(), f"{name.partition('.')[0]}.local"]
    usable = [each for each in names if each.isascii() and each.strip(".")]
    return list(dict.fromkeys([*usable, "localhost"]))


def own_addresses() -> list[str]:
    """The addresses of all interfaces, without link-local ones."""
    return [*_ipv4(), *_ipv6()]


def _ipv4() -> list[str]:
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[: _NAME_BYTES - 1])
            try:
                reply = fcntl.ioctl(probe, _SIOCGIFADDR, request)
            except OSError:
                continue  # an interface without an IPv4 address
            found.append(socket.inet_ntoa(reply[_ADDRESS_OFFSET : _ADDRESS_OFFSET + 4]))
    return found


def _ipv6() -> list[str]:
    try:
        lines = _IPV6_TABLE.read_text(encoding="ascii").splitlines()
    except OSError:
        return []  # a kernel without IPv6
    found = [ipaddress.ip_address(bytes.fromhex(line.split()[0])) for line in lines]
    return [str(each) for each in found if each not in _LINK_LOCAL]
