# Shared by start.sh, test.sh and cityloop.sh; sourced from the repository root. POSIX sh.

NODE24=node_modules/.bin/node
STAMP=node_modules/.cityloop-installed

say() { printf '%s\n' "$*" >&2; }

stop_with() {
  say "$1"
  say "$2"
  exit 1
}

# at_least 20.19.0 20 19 -> true when the version is that or newer
at_least() {
  major=${1%%.*}
  rest=${1#*.}
  minor=${rest%%.*}
  case "$major$minor" in '' | *[!0-9]*) return 1 ;; esac
  [ "$major" -gt "$2" ] || { [ "$major" -eq "$2" ] && [ "$minor" -ge "$3" ]; }
}

# npm tells its scripts where it and its Node are. Using them keeps an install away from the Node that the
# install itself replaces (npm puts node_modules/.bin first on PATH).
exec_npm() {
  if [ -x "${npm_node_execpath:-}" ]; then
    case ${npm_execpath:-} in
      *npm-cli.js | *npx-cli.js) exec "$npm_node_execpath" "${npm_execpath%np*-cli.js}npm-cli.js" "$@" ;;
    esac
  fi
  exec npm "$@"
}

run_npm() { (exec_npm "$@"); }

need_tools() {
  system_node=${npm_node_execpath:-node}
  node_version=$("$system_node" -v 2>/dev/null | sed 's/^v//') || node_version=''
  at_least "${node_version:-0.0}" 20 19 || stop_with \
    "系统的 Node 是 ${node_version:-（没有找到）}，需要 20.19 或更高版本。请先安装较新的 Node。" \
    "The system's Node is ${node_version:-missing}; CityLoop needs 20.19 or newer. Please install a newer Node first."
  npm_version=$(run_npm -v 2>/dev/null) || npm_version=''
  at_least "${npm_version:-0.0}" 11 0 || stop_with \
    "npm 是 ${npm_version:-（没有找到）}，需要 11 或更高版本：npm install -g npm@11" \
    "npm is ${npm_version:-missing}; CityLoop needs 11 or newer: npm install -g npm@11"
}

# What the installed packages depend on. Content, not dates: a fresh checkout makes every file look new.
wanted_stamp() { { cat package.json package-lock.json 2>/dev/null; uname -sm; } | cksum; }

packages_ready() {
  [ -x "$NODE24" ] && [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$(wanted_stamp)" ]
}

link_cityloop() {
  [ -x node_modules/.bin/cityloop ] || ln -sf ../../scripts/cityloop.sh node_modules/.bin/cityloop 2>/dev/null || true
}

# npm passes signals on to an install script and then waits for it: asked first, ended after two seconds.
end_install() {
  kill -TERM "$install_pid" 2>/dev/null || return 0
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.2 2>/dev/null || sleep 1
    kill -0 "$install_pid" 2>/dev/null || return 0
  done
  kill -KILL "$install_pid" 2>/dev/null || true
}

# In the background and waited for, so that SIGTERM to this shell ends the install too. install, not ci: the lock
# file names only the platform-specific packages of the machine that wrote it.
install_once() {
  exec_npm install --no-audit --no-fund --no-save --include=dev --include=optional --ignore-scripts=false \
    --fetch-retries=4 --loglevel=error --progress=false &
  install_pid=$!
  trap 'end_install; rm -f "$install_log"; exit 143' INT TERM HUP
  if wait "$install_pid"; then install_code=0; else install_code=$?; fi
  trap - INT TERM HUP
  return "$install_code"
}

ensure_installed() {
  if packages_ready; then
    link_cityloop
    return
  fi
  need_tools
  say '正在安装所需的包（第一次需要一两分钟）… / Installing packages (a minute or two the first time) …'
  install_log=$(mktemp "${TMPDIR:-/tmp}/cityloop-install.XXXXXX") || exit 1
  tries=3
  until install_once >"$install_log" 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
      tail -n 15 "$install_log" >&2
      rm -f "$install_log"
      stop_with '安装失败：npm 的最后几行输出在上面。请检查网络与磁盘后再试一次。' \
        'The install failed; the last lines of npm are above. Check the network and the disk, then try again.'
    fi
    say '安装没有完成，再试一次… / The install did not finish, trying again …'
    sleep 2
  done
  rm -f "$install_log"
  case $("$NODE24" -v 2>/dev/null) in
    v24.*) ;;
    *) stop_with \
      "安装后 $NODE24 不是 Node 24：请删除 node_modules 后重试，并确认 npm 没有禁用安装脚本。" \
      "After the install $NODE24 is not Node 24: remove node_modules, try again, and check that npm may run install scripts." ;;
  esac
  wanted_stamp >"$STAMP"
  link_cityloop
}
