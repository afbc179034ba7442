"""Which service of one machine listens where: a first port, and a fixed distance from it for each.

    +0  web              +4  filer (HTTP)     +8   master (HTTP)
    +1  PostgreSQL       +5  filer (gRPC)     +9   master (gRPC)
    +2  S3               +6  volume (HTTP)    +10  free
    +3  S3 (gRPC)        +7  volume (gRPC)    +11  free
                                              +12  Prefect
"""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from storage.local.trouble import PortTaken

LOOPBACK = "127.0.0.1"
SPAN = 13


@dataclass(frozen=True, kw_only=True)
class Ports:
    """`first` is Settings.port."""

    first: int

    @property
    def web(self) -> int:
        return self.first

    @property
    def postgres(self) -> int:
        return self.first + 1

    @property
    def s3(self) -> int:
        return self.first + 2

    @property
    def filer(self) -> int:
        return self.first + 4

    @property
    def volume(self) -> int:
        return self.first + 6

    @property
    def master(self) -> int:
        return self.first + 8

    @property
    def prefect(self) -> int:
        return self.first + 12

    def store(self) -> dict[str, int]:
        """Every port of SeaweedFS, each gRPC port beside its HTTP port."""
        pairs = {"S3": self.s3, "filer": self.filer, "volume": self.volume, "master": self.master}
        return {
            f"{name}{kind}": port + step
            for name, port in pairs.items()
            for kind, step in (("", 0), (" gRPC", 1))
        }


def is_free(port: int, host: str = LOOPBACK) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def require_free(wanted: Mapping[str, int]) -> None:
    """Refuse with the name of the service and a first port that would do."""
    for service, port in wanted.items():
        if not is_free(port):
            raise PortTaken(service=service, port=port, suggestion=free_first())


def free_first() -> int:
    """A first port with all its followers free, below the range that outgoing connections use."""
    while True:
        first = random.randrange(20000, 32000 - SPAN, SPAN)
        if all(is_free(port) for port in range(first, first + SPAN)):
            return first
