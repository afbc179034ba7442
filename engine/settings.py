"""What a deployment may set; read once from the environment when a process starts."""

from __future__ import annotations

import os
from datetime import time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine import timekeeper
from engine.errors import Refused


class Settings(BaseSettings):
    """Names in the environment: LIENTHONG_<FIELD>, except where an alias is given."""

    model_config = SettingsConfigDict(env_prefix="LIENTHONG_", extra="ignore", populate_by_name=True)

    home: Path = Field(default=Path("var"), description="the one folder that holds all data of this machine")
    host: str = Field(default="127.0.0.1", description="where the web server listens")
    port: int = Field(default=8600, ge=1, le=65535, description="the web's; the other services take the next ones")
    province: str = Field(default="soc-trang", description="folder under procedures/provinces")

    database_url: SecretStr = Field(default=SecretStr(""), alias="DATABASE_URL",
                                    description="PostgreSQL 16+, as the application role; empty: the embedded one")
    database_owner_url: SecretStr = Field(default=SecretStr(""), alias="DATABASE_OWNER_URL",
                                          description="the role that owns the schema; used by migrations only")
    s3_endpoint: str = Field(default="", alias="S3_ENDPOINT", description="host:port; empty: the embedded store")
    s3_access_key: SecretStr = Field(default=SecretStr(""), alias="S3_ACCESS_KEY")
    s3_secret_key: SecretStr = Field(default=SecretStr(""), alias="S3_SECRET_KEY")
    s3_bucket: str = Field(default="lienthong", alias="S3_BUCKET")
    s3_secure: bool = Field(default=False, alias="S3_SECURE", description="true: TLS")
    prefect_api_url: str = Field(default="", alias="PREFECT_API_URL", description="empty: the embedded server")

    notify_mail_url: SecretStr = Field(default=SecretStr(""), alias="NOTIFY_MAIL_URL", description=(
        "an Apprise URL with {address}: mailto://user:secret@host:587?to={address}; empty: no mail is sent"))
    notify_sms_url: SecretStr = Field(default=SecretStr(""), alias="NOTIFY_SMS_URL", description=(
        "the gateway's Apprise URL: jsons://gateway/send?:to={address}; empty: no text messages"))
    notify_webhook_url: SecretStr = Field(default=SecretStr(""), alias="NOTIFY_WEBHOOK_URL", description=(
        "for staff; {address} is their user name: jsons://host/{address}; empty: none"))
    quiet_from: time = Field(default=time(21), description="in Vietnam; citizens get no mail and no text message from")
    quiet_until: time = Field(default=time(7), description="until then")

    installation: str = Field(default="", pattern=r"^[a-z0-9-]{0,40}$", description=(
        "the name other installations know this one by; empty: that of the province"))
    public_address: str = Field(default="", pattern=r"^(https?://[^/?#\s]+)?$", description=(
        "where people outside reach these pages, for links in mails: https://mot-cua.example.vn; empty: host and port"))
    peers_inside: bool = Field(default=False, description=(
        "true: other installations may be at private or loopback addresses and speak plain HTTP, as on one machine"))

    shadows_a_day: int = Field(default=1000, ge=0, description=(
        "dossiers another installation did not hand over and may tell of, new ones within a day; each is kept here"))

    npsp_url: str = Field(default="", alias="NPSP_URL", description=(
        "where the national public service portal takes dossiers; empty: nothing is told to it, and nothing queued"))
    npsp_account: str = Field(default="", alias="NPSP_ACCOUNT", description="user name, or client id")
    npsp_secret: SecretStr = Field(default=SecretStr(""), alias="NPSP_SECRET")
    npsp_unit: str = Field(default="", alias="NPSP_UNIT", description="madonvi: what the portal knows this system by")
    npsp_login: Literal["session", "token"] = Field(default="session", alias="NPSP_LOGIN")

    anchors_kept: timedelta = Field(default=timedelta(days=3650), description=(
        "how long nobody, not even an administrator, can delete an anchor of the record from the object store"))
    without_anchors: timedelta = Field(default=timedelta(hours=4), description=(
        "so long messages go to other installations although no anchor could be kept outside the database"))

    pool_size: int = Field(default=8, ge=1, le=64,
                           description="database connections a process; past 8 clients on two cores only latency grows")
    session_idle: timedelta = timedelta(minutes=30)
    session_longest: timedelta = timedelta(hours=10)
    secure_cookies: bool = Field(default=False, description="true behind TLS: cookies get the __Host- prefix")
    trial_keys: bool | None = Field(default=None, alias="LIENTHONG_TEST_KEYS", description=(
        "sign with keys this machine made itself, without legal force; false: tokens, remote services and paper only; "
        "empty: only where cookies are not secure, that is where nobody works for real"))
    poll: timedelta = Field(default=timedelta(seconds=0.5), description="how often the dispatcher looks for work")

    @property
    def test_keys(self) -> bool:
        """Nobody shall sign for real with a key without legal force because a setting was forgotten."""
        return not self.secure_cookies if self.trial_keys is None else self.trial_keys

    @property
    def name(self) -> str:
        return self.installation or self.province

    @property
    def address(self) -> str:
        return self.public_address or f"http://{self.host}:{self.port}"

    @property
    def keys(self) -> Path:
        """The private keys this installation signs its messages with; nobody else may read them."""
        return self.home / "exchange-keys"

    @property
    def spool(self) -> Path:
        """Scans that the store has not taken yet."""
        return self.home / "spool"


@lru_cache
def settings() -> Settings:
    """The settings of this process. NAME_FILE may name a file that holds a secret.

    Raises Refused where people work for real by a clock that is not: due dates, signatures and anchors would be false.
    """
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY", "NOTIFY_MAIL_URL",
                 "NOTIFY_SMS_URL", "NOTIFY_WEBHOOK_URL", "NPSP_SECRET"):
        if path := os.environ.get(f"{name}_FILE"):
            os.environ.setdefault(name, Path(path).read_text(encoding="utf-8").strip())
    chosen = Settings()
    if chosen.secure_cookies and not timekeeper.is_real():
        raise Refused(reason_vi="LIENTHONG_CLOCK chỉ dùng để trình diễn và kiểm thử: bỏ biến này rồi chạy lại.",
                      reason_en="LIENTHONG_CLOCK is for demonstrations and tests only: unset it and start again.")
    return chosen
