"""A web server on a real socket, and people who use it."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import httpx
import uvicorn

from api.app import SERVER, create_app
from engine.office import Office
from engine.seed import DEMO_PASSWORD
from engine.settings import Settings
from tests import samples
from tests.journey import CONFERENCE, Cast

SUBMISSION: dict[str, Any] = {
    "procedure": "conference_permit_local", "channel": "direct", "return_way": "counter",
    "applicant": {"name": "Nguyễn Thị Bích Ngọc", "id_number": "094000000001", "phone": "0900000001"},
    "subject": "Hội thảo quốc tế về lúa thơm", "facts": CONFERENCE,
    "papers": [{"component": "request_letter"}, {"component": "plan"}],
}


def key() -> str:
    return str(uuid.uuid4())


class Session:
    """Somebody at a keyboard: signed in by token, unless it is said otherwise."""

    def __init__(self, client: httpx.Client, form_key: str = "") -> None:
        self.client, self.form_key = client, form_key

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(f"/api/v1{path}", **options)

    def post(self, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> httpx.Response:
        told = {} if body is None else {"json": body}
        return self.client.post(f"/api/v1{path}", headers=headers, **told)

    def receive(self, *, request: str | None = None, **changes: Any) -> httpx.Response:
        return self.post("/dossiers", SUBMISSION | changes, headers={"Idempotency-Key": request or key()})

    def received(self, **changes: Any) -> str:
        """The code of a dossier that was received."""
        answer = self.receive(**changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["code"])

    def version(self, code: str) -> str:
        return self.get(f"/dossiers/{code}").headers["etag"]

    def act(self, code: str, event: str, *, state: str | None = None, version: str | None = None,
            request: str | None = None, **particulars: Any) -> httpx.Response:
        headers = {"Idempotency-Key": request or key(), "If-Match": version or self.version(code)}
        return self.post(f"/dossiers/{code}/commands/{event}", {"state": state, "particulars": particulars},
                         headers=headers)

    def attach(self, code: str, content: Any = None, *, component: str = "plan", name: str = "ke-hoach.pdf",
               kind: str = "application/pdf", request: str | None = None) -> httpx.Response:
        return self.client.post(
            f"/api/v1/dossiers/{code}/documents", params={"component": component, "name": name}, timeout=60,
            content=samples.pdf() if content is None else content,
            headers={"Content-Type": kind, "Idempotency-Key": request or key()})

    def offer(self, code: str, event: str) -> dict[str, Any]:
        offers = self.get(f"/dossiers/{code}").json()["offers"]
        return next(offer for offer in offers if offer["event"] == event)


class Web:
    """`sign_in("H51.02/tiep-nhan:receptionist")` gives that person's session."""

    def __init__(self, address: str, office: Office, cast: Cast) -> None:
        self.address, self.office, self.cast = address, office, cast
        self._clients: list[httpx.Client] = []

    def client(self, **headers: str) -> httpx.Client:
        """A browser or program without any credentials."""
        client = httpx.Client(base_url=self.address, headers=headers, timeout=30)
        self._clients.append(client)
        return client

    def sign_in(self, who: str) -> Session:
        client = self.client()
        answer = client.post("/api/v1/session", json={"login": self.cast.member(who).login, "password": DEMO_PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return Session(client, answer.json()["form_key"])

    def by_cookie(self, who: str) -> Session:
        """As a browser has it: a cookie, no header."""
        session = self.sign_in(who)
        token = session.client.headers.pop("Authorization").removeprefix("Bearer ")
        session.client.cookies.set("lienthong", token)
        return session

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def serving(office: Office, cast: Cast, settings: Settings | None = None) -> Iterator[Web]:
    """Uvicorn as in production, in a thread of the test."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    app = create_app(settings or Settings(), office)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, **SERVER))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        with Web(f"http://127.0.0.1:{listening.getsockname()[1]}", office, cast) as web:
            yield web
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
