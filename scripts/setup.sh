#!/usr/bin/env bash
# Installs what is missing, and nothing else: programs from the system's packages, the locked Python packages
# into .venv. When everything is there it says so and changes nothing. Everything that is downloaded comes through
# apt, Homebrew, pip or uv, wherever their own configuration points.
#
#   scripts/setup.sh          what rendering needs
#   scripts/setup.sh tests    and what the tests need beside it
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-render}
stamp=.venv/.setup-stamp
log=build/setup.log

say() { printf 'set-up: %s\n' "$*"; }

# What is needed: how to see that it is there (see `has`), its package for apt, and for Homebrew.
needed() {
    cat <<'TABLE'
bwrap                   bubblewrap                  -
ffmpeg                  ffmpeg                      ffmpeg
ffprobe                 ffmpeg                      ffmpeg
cc                      build-essential             -
pkg-config              pkg-config                  pkgconf
module:cairo            libcairo2-dev               cairo
module:pangocairo       libpango1.0-dev             pango
latex                   texlive-latex-extra         texlive
dvisvgm                 dvisvgm                     texlive
tex:standalone.cls      texlive-latex-extra         texlive
tex:preview.sty         preview-latex-style         texlive
tex:phvr8t.tfm          texlive-fonts-recommended   texlive
tex:sfrm1000.pfb        cm-super-minimal            texlive
fc-list                 fontconfig                  fontconfig
font:DejaVu_Sans        fonts-dejavu-core           font-dejavu
font:Noto_Sans          fonts-noto-core             font-noto-sans
font:Noto_Sans_CJK_SC   fonts-noto-cjk              font-noto-sans-cjk
font:Symbola            fonts-symbola               -
python                  python3-venv                python@3.12
python                  python3-dev                 python@3.12
TABLE
    if [ "$purpose" = tests ]; then
        echo "chromium                chromium                    -"
        echo "openssl                 openssl                     openssl"
    fi
}

has() {
    case $1 in
        module:*) pkg-config --exists "${1#module:}" ;;
        tex:*) [ -n "$(kpsewhich "${1#tex:}")" ] ;;
        font:*) [ -n "$(fc-list "$(echo "${1#font:}" | tr _ ' ')")" ] ;;
        chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
        python) [ -x .venv/bin/python ] || [ -n "$(find_python)" ] ;;
        *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

# Whether apt can install a package, as far as its lists tell: without any lists it knows none.
in_apt() {
    [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]
}

# The packages of what is missing, by column: 2 for apt, 3 for Homebrew.
missing() {
    needed | while read -r probe apt brew; do
        if ! has "$probe"; then
            if [ "$1" = 2 ]; then echo "$apt"; else echo "$brew"; fi
        fi
    done | sort -u
}

# The newest Python that runs, is not too old, and can make an environment and compile packages.
find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
        if "$candidate" - 2>/dev/null <<'CHECK'; then
import ensurepip, os, sys, sysconfig, venv
sys.exit(sys.version_info < (3, 11) or not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))
CHECK
            echo "$candidate"
            return
        fi
    done
}

# Run a command, printing only to the log, the end of which is shown if it fails.
quietly() {
    mkdir -p build
    if ! "$@" >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        say "failed: $* (all of it: $log)" >&2
        exit 1
    fi
}

# What apt is to install. Ubuntu has Chromium as a snap only: rendering and all other tests do without.
missing_in_apt() {
    missing 2 | while read -r package; do
        if [ "$package" != chromium ] || in_apt chromium || ! in_apt bubblewrap; then echo "$package"; fi
    done
}

# apt waits for the lock of what is installed, but not for that of its lists, which its own timer holds at times.
update_lists() {
    local deadline=$((SECONDS + 120))
    until "$@" env LC_ALL=C apt-get update; do
        grep -q 'Could not get lock' "$log" && [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 5
    done
}

install_programs() {
    local packages sudo=
    if command -v apt-get >/dev/null; then
        packages=$(missing_in_apt)
        [ -n "$packages" ] || return 0
        if [ "$(id -u)" != 0 ]; then
            command -v sudo >/dev/null || give_up "as root: apt-get install" "$packages"
            sudo=sudo
        fi
        say "apt-get update"
        quietly update_lists $sudo
        packages=$(missing_in_apt)  # a fresh system learns only now what there is
        [ -n "$packages" ] || return 0
        say "apt-get install" $packages
        quietly $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $packages
    elif command -v brew >/dev/null; then
        packages=$(missing 3 | grep -v '^-$' || true)
        [ -z "$packages" ] || { say "brew install" $packages && quietly brew install $packages; }
        has bwrap || say "macOS has no bubblewrap, so nothing is rendered here: use docker compose"
    else
        packages=$(missing 2)
        [ -z "$packages" ] || give_up "whatever your system calls these Debian packages:" "$packages"
    fi
}

give_up() {
    say "some programs are missing. Install" "$1" $2 >&2
    exit 1
}

# What pip is told by its environment, uv is told too, unless it has been told something else.
share_configuration() {
    [ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
    [ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"
}

install_packages() {
    local python uv=uv locks=requirements-dev.lock
    share_configuration
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$(find_python)
        [ -n "$python" ] || give_up "a Python from 3.11 on, with its headers and venv:" "python3 python3-dev python3-venv"
        say "making .venv with $("$python" --version)"
        rm -rf .venv
        quietly "$python" -m venv .venv
    fi
    if ! uv --version >/dev/null 2>&1; then
        uv=.venv/bin/uv
        locks="$locks requirements-uv.lock"
        "$uv" --version >/dev/null 2>&1 ||
            quietly .venv/bin/python -m pip install --require-hashes -r requirements-uv.lock
    fi
    say "installing the locked Python packages into .venv"
    quietly "$uv" pip sync --compile-bytecode --python .venv/bin/python --require-hashes \
        --build-constraints requirements-build.lock $locks
    quietly "$uv" pip install --python .venv/bin/python --no-deps --no-build-isolation --editable .
}

# Changes whenever something else has to be installed.
fingerprint() {
    cat requirements*.lock pyproject.toml scripts/setup.sh | cksum
    pwd
}

install_programs
if [ "$(cat "$stamp" 2>/dev/null)" != "$(fingerprint)" ] || ! .venv/bin/python -c 'import hatchling' 2>/dev/null; then
    install_packages
    fingerprint >"$stamp"
fi
if [ "$purpose" = tests ] && ! has chromium; then
    say "everything is there but a browser: the tests of the page are skipped"
else
    say "everything is there"
fi
