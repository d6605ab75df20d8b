#!/bin/sh
# Install Chromium and its driver for the browser tests of the report.
#
# Both come from Debian's own archive, so that their versions belong together. Without
# them those tests are skipped and say so; nothing else needs a browser.
set -eu

if command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1; then
  echo "chromium and chromedriver are installed: $(chromium --version 2>/dev/null)"
  exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
  echo "no apt-get here; install chromium and chromedriver of one version, both on PATH" >&2
  exit 1
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "not root and no sudo here; have chromium and chromium-driver installed" >&2
    exit 1
  fi
  as_root=sudo
fi

$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --quiet --no-install-recommends chromium chromium-driver
chromium --version
