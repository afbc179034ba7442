"""Everything Liên Thông needs on one machine: which services run, where they listen, how to reach them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from engine.settings import Settings
from storage.local import cluster, secrets
from storage.local.children import Child, Place, Step, stop_leftovers
from storage.local.cluster import Database, Role
from storage.local.home import Lock, furnish, require_space, resolve, server_account
from storage.local.ports import Ports, require_free
from storage.local.postgres import Postgres
from storage.local.prefect_server import PrefectServer, client_settings
from storage.local.seaweed import Seaweed
from storage.local.supervisor import Notice, Part, Supervisor, ignore


class Service(StrEnum):
    POSTGRES = "postgres"
    STORE = "store"
    PREFECT = "prefect"


ALL = frozenset(Service)


class Machine:
    """A service whose address is set (DATABASE_URL, S3_ENDPOINT, PREFECT_API_URL) is not started here.

    The embedded PostgreSQL still is when the store or Prefect is ours: both keep their rows in it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home = resolve(settings) if self.ours() else settings.home.expanduser().absolute()
        self.ports = Ports(first=settings.port)
        self.place = Place(run=self.home / "run", log=self.home / "log")
        self.supervisor: Supervisor | None = None
        self._held = ExitStack()

    @property
    def address(self) -> str:
        return f"http://{self.settings.host}:{self.ports.web}"

    @cached_property
    def secrets(self) -> secrets.Secrets:
        furnish(self.home)
        return secrets.load(self.home)

    @cached_property
    def postgres(self) -> Postgres:
        return Postgres(self.home, self.ports.postgres, self.secrets.superuser, server_account())

    @cached_property
    def store(self) -> Seaweed:
        return Seaweed(self.home, self.ports, self.secrets, self.settings.s3_bucket)

    @cached_property
    def prefect(self) -> PrefectServer:
        return PrefectServer(self.home, self.ports.prefect, self.database_url(Role.PREFECT, Database.PREFECT),
                             self.secrets.prefect_auth)

    def database_url(self, role: Role, database: Database = Database.LIENTHONG) -> str:
        """Into the embedded PostgreSQL, as one of its roles."""
        return self.postgres.url(role, cluster.password_of(role, self.secrets), database)

    def environment(self) -> dict[str, str]:
        """What a process needs to talk to the services; also from another terminal while they run."""
        return {
            **self._own_environment(),
            **self._database_environment(),
            **self._store_environment(),
            **self._prefect_environment(),
        }

    def ours(self, wanted: Collection[Service] = ALL) -> frozenset[Service]:
        """Those of `wanted` that this machine runs itself."""
        elsewhere = {
            Service.POSTGRES: bool(self.settings.database_url.get_secret_value()),
            Service.STORE: bool(self.settings.s3_endpoint),
            Service.PREFECT: bool(self.settings.prefect_api_url),
        }
        found = {service for service in wanted if not elsewhere[service]}
        return frozenset(found | {Service.POSTGRES} if found else found)

    def start(self, services: Collection[Service] = ALL, *, background: Collection[Service] = (),
              extra: Sequence[Part] = (), listeners: Mapping[str, int] = MappingProxyType({}),
              notice: Notice = ignore) -> None:
        """Returns when all services and `extra` parts are up. Raises LocalTrouble, with nothing left running.

        Nobody waits for the services in `background`, and the machine is up without them.
        Parts in `extra` name what they need: "roles" (the databases are there), "store", "prefect";
        `listeners` are the ports they will use.
        """
        ours = self.ours(services)
        furnish(self.home)
        with ExitStack() as undo:
            undo.enter_context(Lock(self.home, self.address))
            require_space(self.home)
            stop_leftovers(self.place)
            require_free({**listeners, **self._listeners(ours)})
            parts = [replace(part, essential=False) if isinstance(part, Child) and part.name in background
                     else part for part in self._parts(ours)]
            self.supervisor = Supervisor([*parts, *extra], self.place, notice)
            self.supervisor.start()
            self._held = undo.pop_all()

    def stop(self, *, hurry: bool = False) -> None:
        """In reverse order. `hurry` gives everybody less time to end by themselves."""
        if self.supervisor is not None:
            self.supervisor.stop(hurry=hurry)
            self.supervisor = None
        self._held.close()

    @contextmanager
    def running(self, services: Collection[Service] = ALL) -> Iterator[Machine]:
        """For tests and the demonstration: without web and dispatcher, stopped in a hurry."""
        self.start(services)
        try:
            yield self
        finally:
            self.stop(hurry=True)

    def _parts(self, ours: Collection[Service]) -> list[Part]:
        parts: list[Part] = []
        if Service.POSTGRES in ours:
            parts += [
                Step(name="postgres-files", run=self.postgres.furnish),
                self.postgres.child(),
                Step(name="roles", after=("postgres",),
                     run=lambda: cluster.provision(self.postgres.superuser_url, self.secrets)),
            ]
        if Service.STORE in ours:
            parts.append(self.store.child())
        if Service.PREFECT in ours:
            parts.append(self.prefect.child())
        return parts

    def _listeners(self, ours: Collection[Service]) -> dict[str, int]:
        found: dict[str, int] = {}
        if Service.POSTGRES in ours:
            found["PostgreSQL"] = self.ports.postgres
        if Service.STORE in ours:
            found |= {f"SeaweedFS {name}": port for name, port in self.ports.store().items()}
        if Service.PREFECT in ours:
            found["Prefect"] = self.ports.prefect
        return found

    def _own_environment(self) -> dict[str, str]:
        """Whatever was set, by a variable or by an option of the command, is set for the children too."""
        chosen = {name for name in self.settings.model_fields_set if Settings.model_fields[name].alias is None}
        told = self.settings.model_dump(mode="json", include=chosen | {"host", "port"})
        return {f"LIENTHONG_{name.upper()}": str(value) for name, value in told.items()} | {
            "LIENTHONG_HOME": str(self.home),
        }

    def _database_environment(self) -> dict[str, str]:
        url = self.settings.database_url.get_secret_value()
        if url:
            return {"DATABASE_URL": url,
                    "DATABASE_OWNER_URL": self.settings.database_owner_url.get_secret_value() or url}
        return {"DATABASE_URL": self.database_url(Role.APP),
                "DATABASE_OWNER_URL": self.database_url(Role.OWNER)}

    def _store_environment(self) -> dict[str, str]:
        settings = self.settings
        if settings.s3_endpoint:
            return {
                "S3_ENDPOINT": settings.s3_endpoint,
                "S3_ACCESS_KEY": settings.s3_access_key.get_secret_value(),
                "S3_SECRET_KEY": settings.s3_secret_key.get_secret_value(),
                "S3_BUCKET": settings.s3_bucket,
                "S3_SECURE": str(settings.s3_secure).lower(),
            }
        return {
            "S3_ENDPOINT": self.store.endpoint,
            "S3_ACCESS_KEY": self.secrets.s3_access_key,
            "S3_SECRET_KEY": self.secrets.s3_secret_key,
            "S3_BUCKET": settings.s3_bucket,
            "S3_SECURE": "false",
        }

    def _prefect_environment(self) -> dict[str, str]:
        if self.settings.prefect_api_url:
            return {**client_settings(self.home / "prefect"),
                    "PREFECT_API_URL": self.settings.prefect_api_url}
        return self.prefect.client_environment()
