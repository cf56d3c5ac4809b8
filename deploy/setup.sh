#!/usr/bin/env bash
# Prepares .venv and the system parts the portal needs; quick when everything is there. Called by `make setup`.
set -u
cd "$(dirname "$0")/.."
lock=requirements/dev.txt
log=var/log/setup.log
mkdir -p var/log
say() { printf '%s\n' "$*"; }
fail() { say "✗ $1"; say "  日志最后几行（全文见 $log）："; tail -n 15 "$log" | sed 's/^/  | /'; exit 1; }

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  say "✗ 需要 Python 3.11 或更高版本：$("$python" --version 2>&1 || echo 未找到 python3)"; exit 1
fi

packages=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk poppler-utils graphviz chromium)
missing=()
if command -v dpkg-query >/dev/null 2>&1; then
  for name in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
  done
fi
if [ "${#missing[@]}" -gt 0 ]; then
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo -n"
  if [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; then
    say "→ 安装系统组件：${missing[*]}（首次约需数分钟）"
    { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
      >"$log" 2>&1 || say "! 系统组件没有全部装上，PDF 或浏览器测试可能不可用，详见 $log"
  else
    say "! 缺少系统组件，请管理员执行下面一行（先继续，缺少的功能会另行提示）："
    say "  sudo apt-get install -y --no-install-recommends ${missing[*]}"
  fi
fi

stamp=.venv/.locked-$(sha256sum "$lock" | cut -c1-16)
if [ ! -f "$stamp" ]; then
  if [ ! -x .venv/bin/python ]; then
    say "→ 建立 Python 环境 .venv"
    "$python" -m venv .venv >"$log" 2>&1 || fail "不能建立 .venv（Debian/Ubuntu 请先安装 python3-venv）"
  fi
  say "→ 按锁定清单安装 Python 组件（首次约需数分钟）"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" >"$log" 2>&1 \
    || fail "Python 组件安装失败"
  rm -f .venv/.locked-*
  touch "$stamp"
fi
say "✓ 环境就绪"
