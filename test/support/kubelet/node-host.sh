#!/bin/sh
# The first process of a machine of its own for a real kubelet, in namespaces that end with it:
#   unshare --mount --uts --pid --cgroup --fork --kill-child node-host.sh DIR NAME ADDRESS
# What is changed under /etc, /root, /run, /usr/local and /var, and in the kernel's settings, is lost with it. DIR is
# scratch space. The caller has put this process into cgroups of its own. DIR/pid says when it is ready.
set -eu
dir=$1 name=$2 address=$3
read -r pid _ </proc/self/stat
mount --make-rprivate /
mount -t proc proc /proc
echo "$name" >/proc/sys/kernel/hostname
echo 1 >/proc/sys/net/ipv4/ip_forward

for path in /etc /root /usr/local /var; do
  mkdir -p "$dir/upper$path" "$dir/work$path"
  mount -t overlay overlay -o "lowerdir=$path,upperdir=$dir/upper$path,workdir=$dir/work$path" "$path"
done
# A container runtime stacks an overlay of its own on this, and an overlay takes no third.
mkdir -p /var/lib/containerd "$dir/containerd"
mount --bind "$dir/containerd" /var/lib/containerd
mount -t tmpfs tmpfs /run
echo "$address $name" >>/etc/hosts

# The kubelet sets these for the whole machine; here it writes to files.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
  kernel/keys/root_maxbytes; do
  mkdir -p "$dir/sysctl/${setting%/*}"
  cat "/proc/sys/$setting" >"$dir/sysctl/$setting"
  mount --bind "$dir/sysctl/$setting" "/proc/sys/$setting"
done

# The same hierarchies, from the cgroup down that this machine was given.
for hierarchy in /sys/fs/cgroup/*; do
  umount "$hierarchy"
  case ${hierarchy##*/} in
    unified) mount -t cgroup2 cgroup2 "$hierarchy" ;;
    systemd) mount -t cgroup -o none,name=systemd cgroup "$hierarchy" ;;
    *) mount -t cgroup -o "${hierarchy##*/}" cgroup "$hierarchy" ;;
  esac
done

echo "$pid" >"$dir/pid.new" && mv "$dir/pid.new" "$dir/pid"
# Takes in what others leave behind.
while :; do
  sleep 3600 &
  wait $! || :
done
