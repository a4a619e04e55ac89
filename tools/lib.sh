# Shared by the scripts in tools/: sourced, never run. It expects the repository's root as the
# working folder.

# say TEXT...: one line about what happens next.
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
if [ ! -t 1 ]; then say() { printf '\n== %s\n' "$*"; }; fi

# die TEXT...: why the script can't go on, and what to do.
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# has_package NAME: whether Debian's package NAME is installed.
has_package() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# need_packages NAME...: installs the packages that are missing, or says how to.
need_packages() {
    if ! command -v dpkg-query >/dev/null; then
        echo "This system doesn't use Debian packages: $* must be there by other means."
        return
    fi
    local name missing=()
    for name in "$@"; do
        has_package "$name" || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || die "packages are missing; run: sudo apt-get install ${missing[*]}"
        as_root=(sudo -n)
    fi
    say "Installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq ||
        die "apt-get can't reach its servers, and these packages are missing: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        die "apt-get can't install ${missing[*]}; install them yourself and run this again"
}

# need_swift: Swift 6.2 or newer.
need_swift() {
    command -v swift >/dev/null || die "Swift isn't installed; see https://www.swift.org/install"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
    [ "$(printf '%s\n' 6.2 "$version" | sort -V | head -n 1)" = 6.2 ] ||
        die "Swift $version is too old; 6.2 or newer is needed (https://www.swift.org/install)"
}

# What the package is built and run with.
build_packages=(libhdf5-dev libopenblas-dev libonig-dev zlib1g-dev pkg-config graphviz librsvg2-bin)
