#!/bin/sh
# Runs a command in cgroups of this name, and on the host whose first process this is (0: none yet):
#   in-node-host.sh CGROUP PID COMMAND…
set -eu
cgroup=$1 pid=$2
shift 2
for hierarchy in /sys/fs/cgroup/*/; do
  [ -d "$hierarchy$cgroup" ] || mkdir "$hierarchy$cgroup"
  # Without these no process may enter.
  for file in cpuset.cpus cpuset.mems; do
    [ ! -e "$hierarchy$file" ] || cat "$hierarchy$file" >"$hierarchy$cgroup/$file"
  done
  echo $$ >"$hierarchy$cgroup/cgroup.procs"
done
[ "$pid" != 0 ] || exec "$@"
exec nsenter --target "$pid" --mount --uts --pid --net --cgroup -- "$@"
