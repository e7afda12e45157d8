# What the run scripts of the generators share. They set root and name, and source this.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
fail() { echo "$name: $*" >&2; exit 1; }

command -v dotnet >/dev/null || fail "the .NET SDK 10 is missing"
command -v taskset >/dev/null || fail "taskset is missing (Debian: apt-get install util-linux)"
ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1 || command -v initdb >/dev/null || fail "PostgreSQL 15 or later is missing (Debian: apt-get install postgresql)"

publish() {
  dotnet publish "$root/$1" -c Release -o "$2" -v q --nologo -p:BuildWebApp=false -p:UseSharedCompilation=false || fail "the build of $1 failed"
}

# Where deploy/cluster looks for them.
publish_cluster() {
  publish src/Silo "$root/artifacts/cluster/bin/silo"
  publish src/Api "$root/artifacts/cluster/bin/host"
}

# Runs a generator on one core.
generate() {
  local core="$1" assembly="$2"
  shift 2
  # A connection is two files, and the generator has all of them; the servers that it starts inherit the limit.
  ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"
  exec taskset -c "$core" dotnet "$assembly" "$@"
}
