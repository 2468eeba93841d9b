# Shared parts of ./run, ./test, ./bench and .ci/run. Sourced, never executed; the caller has set `root`.
# shellcheck shell=bash
: "${root:?set by the script that sources this file}"

say() { printf '%s\n' "$*" >&2; }

# Ends the script with one sentence and what to do about it.
fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

is_terminal() { [[ -t 2 && -z ${CI:-} ]]; }

# --- what must be installed -----------------------------------------------------------------------------------------

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# need_packages WHY PACKAGE...: installs what is missing of these Debian packages, saying what and why.
need_packages() {
    local why=$1 package
    shift
    local missing=()
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        need_parts_elsewhere "$why" "$@"
        return
    fi
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    say "Missing $why: ${missing[*]}"
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}")
    local become=()
    if [[ $(id -u) != 0 ]]; then
        if ! command -v sudo >/dev/null || { [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; }; then
            fail "These packages cannot be installed from here. Type this, then start again:" \
                "    apt-get install ${missing[*]}    (as root)"
        fi
        become=(sudo)
    fi
    say "Installing: apt-get install ${missing[*]}"
    mkdir -p "$root/.build"
    local log=$root/.build/apt.log
    if ! "${become[@]}" "${install[@]}" >"$log" 2>&1; then
        # A fresh image has no package lists, and old lists name files that are gone.
        "${become[@]}" apt-get update >>"$log" 2>&1 || true
        if ! "${become[@]}" "${install[@]}" >>"$log" 2>&1; then
            tail -n 15 "$log" >&2
            fail "apt-get could not install ${missing[*]} (whole log: $log)." \
                "Install them by hand, then start again."
        fi
    fi
}

# Another system than Debian or Ubuntu: says what is needed where it cannot be found, and installs nothing.
need_parts_elsewhere() {
    local why=$1 package program missing=()
    shift
    for package in "$@"; do
        case $package in
        lib* | zlib* | g++ | ca-certificates) continue ;; # headers: the compiler says so when they are missing
        procps) program='ps' ;;
        nginx-light) program=nginx ;;
        *) program=$package ;;
        esac
        command -v "$program" >/dev/null || missing+=("$program")
    done
    ((${#missing[@]})) || return 0
    if [[ $(uname -s) == Darwin && " ${missing[*]} " == *" strace "* ]]; then
        say "strace does not exist on macOS; the tests that need it are skipped."
        missing=("${missing[@]/strace/}")
        [[ -n ${missing[*]// /} ]] || return 0
    fi
    fail "Missing $why: ${missing[*]}" \
        "This script installs packages on Debian and Ubuntu only; install these yourself, then start again."
}

# What a build needs beside Swift itself.
need_build_packages() {
    local packages=(git ca-certificates libsqlite3-dev libseccomp-dev zlib1g-dev libgumbo-dev)
    # Swift on Linux compiles against the system's C and C++ headers, whichever version is there.
    if ! dpkg-query -W -f='${db:Status-Status}\n' 'libstdc++-*-dev' 2>/dev/null | grep -qx installed; then
        packages+=(g++)
    fi
    need_packages "for the build (Swift packages; headers of SQLite, seccomp, zlib, and of gumbo, which reads HTML)" "${packages[@]}"
}

need_swift() {
    local version major minor
    if ! command -v swift >/dev/null; then
        fail "Swift is not installed, or not in PATH. Execution Layer needs Swift 6.2 or newer." \
            "Install it as https://www.swift.org/install tells, then start again."
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    IFS=. read -r major minor _ <<<"${version:-0.0}"
    if ((major < 6 || (major == 6 && ${minor:-0} < 2))); then
        fail "Swift ${version:-of an unknown version} is too old; Execution Layer needs Swift 6.2 or newer." \
            "Install it as https://www.swift.org/install tells, then start again."
    fi
}

# --- builds with progress -------------------------------------------------------------------------------------------

# watch_progress: reads SwiftPM's output and shows where it stands: one moving line on a terminal, else a line now and
# then.
watch_progress() {
    local line begun=$SECONDS shown=$((SECONDS - 30)) width=80
    is_terminal && width=$(tput cols 2>/dev/null || echo 80)
    while IFS= read -r line || [[ -n $line ]]; do
        case $line in
        \[[0-9]*/[0-9]*\]* | Fetch* | Comput* | Creating* | Download* | Planning* | Updat*) ;;
        *) continue ;;
        esac
        if is_terminal; then
            printf '\r\033[K%s' "${line:0:width-1}" >&2
        elif ((SECONDS - shown >= 30)); then
            say "  ${line:0:100} (after $((SECONDS - begun)) s)"
            shown=$SECONDS
        fi
    done
    if is_terminal; then printf '\r\033[K' >&2; fi
}

# swift_build WHAT LOG ARGUMENT...: `swift build` with progress; the whole output is kept in .build/LOG.
swift_build() {
    local what=$1 log=$root/.build/$2 begun=$SECONDS
    shift 2
    mkdir -p "$root/.build"
    say "Building $what"
    if ! swift build --package-path "$root" "$@" 2>&1 | tee "$log" | watch_progress; then
        say "The build failed:"
        grep -E '^[^ |].*error:' "$log" | awk '!seen[$0]++' | head -n 30 >&2 || tail -n 30 "$log" >&2
        fail "Whole log: $log"
    fi
    say "Built in $((SECONDS - begun)) s"
}

# The toolchain that a build was made with, as a line that changes when it is replaced.
toolchain_mark() { ls -Lid "$(command -v swift)" 2>/dev/null || true; }

# is_built STAMP BINARY: whether nothing that goes into the build is newer than the last one.
is_built() {
    local stamp=$1 binary=$2
    [[ -x $binary && -f $stamp && $(<"$stamp") == "$(toolchain_mark)" ]] || return 1
    # Folders count as well: removing a file changes its folder.
    [[ -z $(find "$root/Package.swift" "$root/Sources" "$root/Benchmarks" -newer "$stamp" -print -quit 2>/dev/null) ]]
}

# Flags of every release build. On Linux the Swift libraries become part of the executable: calls into them need no
# detour through a table, and the executable runs where no Swift is installed.
release_flags=(-c release)
[[ $(uname -s) != Linux ]] || release_flags+=(--static-swift-stdlib)

# What the daemon starts beside itself to confine commands, and the program that builds the walls.
need_sandbox() {
    [[ $(uname -s) == Linux ]] || return 0
    need_packages "for the sandbox" bubblewrap
}

# What the tests of the dashboard and of the browser tools drive: Debian's Chromium and its driver, and letters to
# photograph. Where they cannot be installed the tests say that they are skipped.
want_browser() {
    [[ $(uname -s) == Linux ]] || return 0
    (need_packages "for tests that drive a real browser" chromium chromium-driver chromium-sandbox \
        fonts-dejavu-core) || say "The tests with a real browser are skipped."
}

# The browser tools are off until somebody wants them, so nothing is installed for them here.
hint_browser() {
    [[ $(uname -s) == Linux ]] || return 0
    local place
    for place in /usr/lib/chromium /usr/lib64/chromium-browser /usr/lib64/chromium /usr/lib/chromium-browser; do
        [[ ! -d $place ]] || return 0
    done
    say "The browser tools need Chromium: apt-get install chromium fonts-dejavu-core (or dnf, pacman: chromium)."
}

# axe-core, which looks for what keeps people from using a page: fetched from PyPI, pinned by its hash, never installed.
want_axe() {
    local folder=$root/.build/axe
    [[ ! -e $folder/axe_playwright_python/axe.min.js ]] || return 0
    mkdir -p "$folder"
    if ! python3 -m pip --version >/dev/null 2>&1 && ! (need_packages "to fetch axe-core" python3-pip); then
        return 0
    fi
    say "Fetching axe-core from PyPI for the dashboard's tests"
    if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --dest "$folder" --requirement "$root/Tests/DashboardTests/axe-requirements.txt" >"$root/.build/axe.log" 2>&1 ||
        ! python3 -m zipfile -e "$folder"/axe_playwright_python-*.whl "$folder"; then
        say "axe-core cannot be fetched (log: $root/.build/axe.log); its test is skipped."
    fi
}

# What web_scrape is compared with: fetched from PyPI, pinned by hashes, never installed.
want_html5lib() {
    local folder=$root/.build/html5lib wheel
    [[ ! -e $folder/bs4/__init__.py ]] || return 0
    mkdir -p "$folder"
    if ! python3 -m pip --version >/dev/null 2>&1 && ! (need_packages "to fetch BeautifulSoup" python3-pip); then
        return 0
    fi
    say "Fetching BeautifulSoup, html5lib and soupsieve from PyPI for the tests of web pages"
    if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --dest "$folder" --requirement "$root/Tests/HTMLTests/requirements.txt" >"$root/.build/html5lib.log" 2>&1; then
        say "They cannot be fetched (log: $root/.build/html5lib.log); their tests are skipped."
        return 0
    fi
    # The one that is looked for comes last.
    for wheel in "$folder"/[!b]*.whl "$folder"/b*.whl; do
        python3 -m zipfile -e "$wheel" "$folder" || return 0
    done
}

# build_daemon: leaves the path of the daemon's executable in `binary`, with the two programs of the sandbox beside it.
build_daemon() {
    build_release execlayer-sandbox-launch
    build_release execlayer-sandbox-init
    build_release execlayer
}

# build_release PRODUCT: leaves the path of the release executable in `binary`; quick when nothing changed.
build_release() {
    local product=$1 stamp=$root/.build/$1.release-built
    binary=$root/.build/release/$product
    if is_built "$stamp" "$binary"; then return; fi
    need_swift
    need_build_packages
    if [[ ! -e $binary ]]; then
        say "The first release build takes 5 to 15 minutes; later ones take seconds to a minute."
    fi
    mkdir -p "$root/.build"
    rm -f "$stamp"
    toolchain_mark >"$stamp.new" # dated before the build: what is edited meanwhile counts as newer
    swift_build "$product, release" "build-$product.log" "${release_flags[@]}" --product "$product"
    mv "$stamp.new" "$stamp"
}
