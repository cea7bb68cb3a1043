#!/usr/bin/env bash
# Measures the start of a node: from the start script to the first 200 of /ready, the CPU time until then, and the memory that
# is resident 10 s later. Needs Linux (it reads /proc) and a built jar.
#
#   benchmarks/start.sh [--runs 5] [--settle 10] [options of ./consoul, such as --cluster]
#
# The environment is the server's (JAVA_HOME, CONSOUL_JAVA_OPTS, …). With other work on the machine look at the CPU time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=5
settle=10
while :; do
  case "${1:-}" in
    --runs) runs=$2; shift 2 ;;
    --settle) settle=$2; shift 2 ;;
    *) break ;;
  esac
done

export CONSOUL_PORT=${CONSOUL_PORT:-18000} CONSOUL_METRICS_PORT=0
tick=$((1000 / $(getconf CLK_TCK)))
log=$(mktemp)
results=$(mktemp)
pid=
exec 9<> <(:) # never has anything to read, and so can be waited at without a process
trap 'kill "$pid" 2>/dev/null || true; rm -f "$log" "$results"' EXIT

now() { echo $((${EPOCHREALTIME/./} / 1000)); } # ms

# Without a process for each try, which would take time from the one that starts.
is_ready() {
  local status
  { exec 3<>"/dev/tcp/127.0.0.1/$CONSOUL_PORT"; } 2>/dev/null || return 1
  printf 'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  read -r _ status _ <&3 || true
  exec 3>&-
  [ "${status:-}" = 200 ]
}

cpu() { # ms of user and system time
  local fields
  read -r -a fields <<<"$(sed 's/.*) //' "/proc/$pid/stat")"
  echo $(((fields[11] + fields[12]) * tick))
}

status() { sed -n "s/^$1:[[:space:]]*\([0-9]*\).*/\1/p" "/proc/$pid/status"; }

median() { sort -n | sed -n "$(((runs + 1) / 2))p"; }

printf '%-5s %10s %10s %10s %8s\n' run 'ready ms' 'CPU ms' 'RSS MB' threads
for run in $(seq "$runs"); do
  began=$(now)
  ./consoul "$@" >"$log" 2>&1 &
  pid=$!
  until is_ready; do
    kill -0 "$pid" 2>/dev/null || { cat "$log" >&2; exit 1; }
    [ $(($(now) - began)) -lt 60000 ] || { echo "Not ready after 60 s." >&2; exit 1; }
    read -r -t 0.01 <> <(:) || true
  done
  ready=$(($(now) - began))
  used=$(cpu)
  sleep "$settle"
  printf '%-5s %10d %10d %10d %8d\n' "$run" "$ready" "$used" $(($(status VmRSS) / 1024)) "$(status Threads)" | tee -a "$results"
  kill "$pid"
  wait "$pid" || true
done
printf '%-5s %10d %10d %10d\n' "all" "$(awk '{print $2}' "$results" | median)" "$(awk '{print $3}' "$results" | median)" "$(awk '{print $4}' "$results" | median)"
