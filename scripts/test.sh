#!/bin/sh
# npm test: install what is missing, find a browser, then check everything. `npm test -- path` runs these tests only.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
ensure_installed

works() { command -v "$1" >/dev/null 2>&1 && "$1" --version >/dev/null 2>&1; }

# Prints the first Chromium that answers. Ubuntu's chromium-browser package is a stub without snap and does not.
find_chromium() {
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable chrome; do
    if [ -n "$name" ] && works "$name"; then
      command -v "$name"
      return
    fi
  done
  for path in "${HOME:-/nonexistent}"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome; do
    if [ -x "$path" ] && works "$path"; then
      printf '%s\n' "$path"
      return
    fi
  done
}

has_chinese_font() { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

may_apt() {
  command -v apt-get >/dev/null 2>&1 || return 1
  [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }
}

CHROMIUM=$(find_chromium)
wanted=''
[ -n "$CHROMIUM" ] || wanted='chromium'
has_chinese_font || wanted="$wanted fonts-noto-cjk fontconfig"
if [ -n "$wanted" ] && may_apt; then
  say "正在用 apt 安装：$wanted / Installing with apt:$wanted"
  as_root apt-get update -qq >/dev/null 2>&1 || say 'apt-get update failed'
  # One by one: a name that this release does not know must not keep the other from coming.
  for package in $wanted; do
    as_root apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 || say "apt-get install $package failed"
  done
  CHROMIUM=$(find_chromium)
fi
has_chinese_font || say '没有中文字体，页面图片里会缺字。 / There is no Chinese font; pictures of pages will lack characters.'
export CHROMIUM

exec "$NODE24" scripts/check.ts "$@"
