"""A stand-in for the national portal, written to its description: a server with a store and a temper of its own.

It knows nothing of ours: fields, lengths and code lists are written down here a second time.
"""

from __future__ import annotations

import json
import random
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

ACCOUNT, SECRET, UNIT = "st-mot-cua", "bi-mat-thu", "H51"

NEEDED = ("MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo", "LoaiDoiTuong",
          "TrichYeuHoSo", "TrangThaiHoSo", "NgayNopHoSo", "DonViXuLy", "NoiNopHoSo", "HinhThuc")
PROGRESS_NEEDED = ("MaHoSo", "NguoiXuLy", "ThoiDiemXuLy", "PhongBanXuLy", "NoiDungXuLy", "TrangThai")
NEEDED_AT = {"2": ("NgayTiepNhan",), "3": ("NgayTuChoi",), "4": ("NgayTiepNhan",), "5": ("NgayYeuCauBoSung",),
             "6": ("NgayTiepNhan",), "9": ("NgayKetThucXuLy",), "10": ("NgayKetThucXuLy", "NgayTra")}
LISTS = {"TrangThaiHoSo": 10, "TrangThai": 10, "KenhThucHien": 3, "LoaiDoiTuong": 4}
LONGEST = {"TrichYeuHoSo": 1000, "NguoiXuLy": 50}
MOMENTS = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayKetThucXuLy", "NgayTuChoi", "NgayYeuCauBoSung",
           "ThoiDiemXuLy", "NgayBatDau", "NgayKetThucTheoQuyDinh")
OK: dict[str, Any] = {"error_code": "0", "error_message": ""}


def no(code: str, words: str, name: str = "") -> dict[str, Any]:
    return {"error_code": code, "error_message": words, "field": name}


@dataclass
class StandIn:
    """`down`: hangs up unheard. `loses`: share of calls done but not answered. `answers`: given instead, one a call;
    an int is an HTTP status, bytes come as they are. `slow`: seconds before every answer.
    """

    port: int = 0
    down: bool = False
    loses: float = 0.0
    slow: float = 0.0
    answers: list[dict[str, Any] | int | bytes] = field(default_factory=list)
    mute_for: str = ""  # never answers what names this dossier
    dossiers: dict[str, dict[str, Any]] = field(default_factory=dict)
    progress: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: list[tuple[str, int, str, str]] = field(default_factory=list)  # code, number, service, status
    sessions: set[str] = field(default_factory=set)
    odd_session: Any = None  # given instead of one
    log_ins: int = 0
    calls: int = 0
    catalogue: list[dict[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    luck: random.Random = field(default_factory=lambda: random.Random(11))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/npsp"

    def end_sessions(self) -> None:
        self.sessions.clear()

    def sign_in(self) -> Any:
        self.log_ins += 1
        if self.odd_session is not None:
            return self.odd_session
        session = f"s{self.log_ins}"
        self.sessions.add(session)
        return session

    def statuses(self, code: str) -> list[str]:
        """Of the dossier's own items, in the order they were taken."""
        return [status for of, _, service, status in self.taken if of == code and service == "DongBoHoSoMC"]

    def answer(self, told: dict[str, Any], key: str) -> dict[str, Any]:
        if told.get("madonvi") != UNIT or not isinstance(told.get("data"), list):
            return no("2", "Sai madonvi hoặc thiếu data")
        match told.get("service"):
            case "TraCuuHoSo":
                return self._found(told["data"])
            case "LayDanhSachTTHC":
                return OK | {"data": self.catalogue}
            case "DongBoHoSoMC" | "CapNhatTienDoHoSoMC" as service:
                if key in self.done:
                    return self.done[key]
                result = self._take(service, told, key)
                if result["error_code"] == "0":
                    self.done[key] = result
                return result
        return no("2", "Không có dịch vụ này")

    def _take(self, service: str, told: dict[str, Any], key: str) -> dict[str, Any]:
        row = told["data"][0]
        code, number = row.get("MaHoSo", ""), int(key.rpartition("/")[2] or 0)
        wrong = self._wrong(service, row) or self._out_of_order(service, code, number, told.get("isUpdating"))
        if wrong is not None:
            return wrong
        if service == "DongBoHoSoMC":
            self.dossiers[code] = row
        else:
            self.progress.setdefault(code, []).append(row)
        self.taken.append((code, number, service, row.get("TrangThaiHoSo") or row.get("TrangThai", "")))
        return OK

    def _wrong(self, service: str, row: dict[str, Any]) -> dict[str, Any] | None:
        standing = NEEDED + NEEDED_AT.get(row.get("TrangThaiHoSo", ""), ())
        for name in standing if service == "DongBoHoSoMC" else PROGRESS_NEEDED:
            if not str(row.get(name, "")).strip():
                return no("10", f"Thiếu {name}", name)
        for name, most in LONGEST.items():
            if len(row.get(name, "")) > most:
                return no("11", f"{name} dài quá {most}", name)
        for name, last in LISTS.items():
            if name in row and row[name] not in [str(value) for value in range(1, last + 1)]:
                return no("12", f"{name} không có trong danh mục", name)
        for name in MOMENTS:
            if row.get(name) and not re.fullmatch(r"\d{14}", row[name]):
                return no("13", f"{name} không đúng định dạng yyyyMMddHHmmss", name)
        if row.get("LoaiDoiTuong") == "1" and not row.get("DinhDanhCHS"):
            return no("10", "Thiếu DinhDanhCHS", "DinhDanhCHS")
        return None

    def _out_of_order(self, service: str, code: str, number: int, updating: str | None) -> dict[str, Any] | None:
        before = [taken for of, taken, _, _ in self.taken if of == code]
        if before and number <= before[-1]:
            return no("20", "Sai thứ tự")
        creates = service == "DongBoHoSoMC" and updating != "True"
        if creates == (code in self.dossiers):
            return no("21", "Hồ sơ đã có trên Cổng" if creates else "Chưa có hồ sơ này trên Cổng", "MaHoSo")
        return None

    def _found(self, data: list[dict[str, str]]) -> dict[str, Any]:
        if data and "TuNgay" in data[0]:
            rows, page = sorted(self.dossiers.values(), key=lambda row: str(row["MaHoSo"])), int(data[0]["Trang"])
            part = rows[(page - 1) * 50:page * 50]
            return OK | {"data": part, "ConTiep": str(page * 50 < len(rows))}
        wanted = {row["MaHoSo"] for row in data}
        return OK | {"data": [row for code, row in self.dossiers.items() if code in wanted]}


class Door(BaseHTTPRequestHandler):
    """What comes in over HTTP, and how the temper of the day answers it."""

    portal: StandIn
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        portal = self.portal
        if portal.slow:
            time.sleep(portal.slow)
        if portal.down or (portal.mute_for and portal.mute_for.encode() in body):
            return self._hang_up()
        with portal.lock:
            portal.calls += 1
            result = self._result(body)
            lost = self.path == "/npsp" and portal.luck.random() < portal.loses
        return self._hang_up() if lost else self._say(result)

    def _result(self, body: bytes) -> dict[str, Any] | int | bytes:
        portal = self.portal
        if self.path == "/npsp/login":
            told = json.loads(body)
            right = (told["username"], told["password"]) == (ACCOUNT, SECRET)
            return OK | {"session": portal.sign_in()} if right else no("1", "Sai tài khoản")
        if self.path == "/npsp/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            right = (form["client_id"], form["client_secret"]) == (ACCOUNT, SECRET)
            return {"access_token": portal.sign_in(), "expires_in": 3600} if right else 401
        if portal.answers:
            return portal.answers.pop(0)
        told = json.loads(body)
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if (told["session"] or bearer) not in portal.sessions:
            return 401 if bearer else no("401", "Phiên đã hết hạn")
        return portal.answer(told, self.headers.get("Idempotency-Key", ""))

    def _say(self, result: dict[str, Any] | int | bytes) -> None:
        status = result if isinstance(result, int) else 200
        raw = result if isinstance(result, bytes) else json.dumps(result).encode() if status == 200 else b""
        self.send_response(status)
        if status in (301, 302, 307):
            self.send_header("location", f"{self.portal.url}?elsewhere")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def standing_in() -> Iterator[StandIn]:
    running = StandIn()

    class Own(Door):
        portal = running

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    server.daemon_threads = True
    running.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
