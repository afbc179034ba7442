#!/bin/sh
# Chromium for the browser tests, from the system's packages where we may install them.
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Đang cài Chromium / installing Chromium …"
  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null
else
  echo "Cần Chromium cho kiểm thử giao diện: sudo apt-get install chromium / Chromium is needed for the browser tests" >&2
  exit 1
fi
