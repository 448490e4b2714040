"""What leaves a network namespace as RTP, as lines.

`python -m tests.benchmarks.wire ADDRESS`. One line a packet to that address: the second
(time.monotonic) and the size of its encrypted payload. Run it where the sender is.
"""

from __future__ import annotations

import socket
import sys
import time

_DEVICE = "wan0"
_EVERY_PROTOCOL = 0x0003  # of one alone a socket is not shown what goes out
_UDP = 17
_UDP_HEADER = 8
_RTP_HEADER = 12
_RTCP_TYPES = range(72, 80)  # RFC 5761, section 4


def rtp_payload_bytes(packet: bytes) -> int | None:
    """The size of what an IPv4 packet carries as RTP; None for anything else."""
    header = 4 * (packet[0] & 15)
    datagram = packet[header + _UDP_HEADER :]
    if packet[9] != _UDP or len(datagram) < _RTP_HEADER or datagram[0] >> 6 != 2:
        return None
    if datagram[1] & 127 in _RTCP_TYPES:
        return None
    return len(datagram) - _RTP_HEADER


def main() -> None:
    """Until it is ended."""
    target = socket.inet_aton(sys.argv[1])
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as wire:
        wire.bind((_DEVICE, _EVERY_PROTOCOL))
        print("ready", flush=True)
        while True:
            packet, sender = wire.recvfrom(2048)
            seen_at = time.monotonic()
            if sender[2] != socket.PACKET_OUTGOING or packet[16:20] != target:
                continue
            size = rtp_payload_bytes(packet)
            if size is not None:
                print(f"{seen_at:.6f} {size}", flush=True)


if __name__ == "__main__":
    main()
