"""The Prefect server of one machine: its process and the settings it and its clients get.

Prefect itself is imported only by engine.flows; here it is a command and an environment.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from storage.local.children import Child
from storage.local.ports import LOOPBACK
from storage.local.probes import answers

# One batch instead of one statement a task run: a quarter of the server's processor time, no function lost.
BATCHING = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
}
# We use no worker pools, no pauses and no Prefect concurrency limits: what serves them may look less often.
LOOPS = {
    "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "20",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "300",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
}
RETENTION = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(int(timedelta(days=14).total_seconds())),
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P3D",  # plain seconds are refused here
}
# Nothing of ours goes to strangers, nothing strange into our database.
PRIVACY = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
    "PREFECT_TASKS_DEFAULT_NO_CACHE": "true",
}


class PrefectServer:
    """One server under `<home>/prefect`, with its own database and role."""

    def __init__(self, home: Path, port: int, database_url: str, auth: str) -> None:
        self.folder = home / "prefect"
        self.port = port
        self._database_url = database_url.replace("postgresql://", "postgresql+asyncpg://", 1)
        self._auth = auth

    def client_environment(self) -> dict[str, str]:
        """What a process needs to report its flow runs here."""
        return {
            **client_settings(self.folder),
            "PREFECT_API_URL": f"http://{LOOPBACK}:{self.port}/api",
            "PREFECT_API_AUTH_STRING": self._auth,
        }

    def child(self) -> Child:
        return Child(
            name="prefect",
            argv=(sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK,
                  "--port", str(self.port), "--log-level", "WARNING"),
            environment=self._environment(),
            folder=self.folder,
            prepare=self.furnish,
            ready=lambda: answers(LOOPBACK, self.port, "/api/health"),
            after=("roles",),
            grace=timedelta(seconds=10),
        )

    def furnish(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        return {
            **ours,
            **client_settings(self.folder),
            **BATCHING, **LOOPS, **RETENTION,
            "PREFECT_API_DATABASE_CONNECTION_URL": self._database_url,
            "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "5",
            "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "10",
            "PREFECT_SERVER_API_AUTH_STRING": self._auth,
            "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{LOOPBACK}:{self.port}",
            "PREFECT_SERVER_UI_V2_ENABLED": "false",  # it calls out from the browser whatever else is set
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(self.folder / "ui"),
            "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
            # Leases kept in memory are lost with the server, and their slots with them.
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        }


def client_settings(folder: Path) -> dict[str, str]:
    """What every process that uses Prefect gets, wherever its server is."""
    return {
        **PRIVACY,
        "PREFECT_HOME": str(folder),
        "PREFECT_PROFILES_PATH": str(folder / "profiles.toml"),
        "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500,502,504",  # what the API says while PostgreSQL restarts
        "PREFECT_RUNNER_POLL_FREQUENCY": "5",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_WORKER_WEBSERVER_HOST": LOOPBACK,
    }
