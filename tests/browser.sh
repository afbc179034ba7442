#!/bin/sh
# Chromium for the browser tests, from the system's packages where we may install them. Its headless shell first: the
# same browser without a window that nobody sees, so that pages cost half the work.
has() { command -v "$1" >/dev/null 2>&1; }
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1; }

has chromium-headless-shell && exit 0
if [ "$(id -u)" = 0 ] && has apt-get; then
  echo "Đang cài Chromium / installing Chromium …"
  install chromium-headless-shell && exit 0
  apt-get update -qq || true
  install chromium-headless-shell && exit 0
  has chromium || has chromium-browser || has google-chrome || install chromium
fi
has chromium || has chromium-browser || has google-chrome && exit 0
echo "Cần Chromium cho kiểm thử giao diện: sudo apt-get install chromium / Chromium is needed for the browser tests" >&2
exit 1
