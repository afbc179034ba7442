#!/bin/sh
# Chromium for the browser tests, from the system's packages where we may install them. Its headless shell first: the
# same browser without a window that nobody sees, so that pages cost half the work.
has() { command -v "$1" >/dev/null 2>&1; }
any() { has chromium || has chromium-browser || has google-chrome; }
# who has a browser and no network shall not wait long for a better one
quietly() { apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10 "$@" >/dev/null 2>&1; }
shell() { quietly install -y --no-install-recommends chromium-headless-shell; }

has chromium-headless-shell && exit 0
if [ "$(id -u)" = 0 ] && has apt-get; then
  echo "Đang cài Chromium / installing Chromium …"
  shell || { quietly update; shell; } && exit 0
  any || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; }
fi
any && exit 0
echo "Cần Chromium cho kiểm thử giao diện: sudo apt-get install chromium / Chromium is needed for the browser tests" >&2
exit 1
