"""Asks a service over HTTP whether it is there."""

from __future__ import annotations

import http.client

PATIENCE = 2.0


def answers(host: str, port: int, path: str) -> bool:
    """True for every reply but a fault of the server's own: a page that asks for a login is there too."""
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
