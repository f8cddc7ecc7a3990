#!/bin/sh
# Runs a command with an /etc/kubernetes and a /var/lib/kubelet of its own, in a mount namespace that ends with it:
#   unshare --mount with-own-etc.sh DIR ROOT COMMAND…
# They are those of the control plane under ROOT; `-`: empty ones. DIR is scratch space.
set -eu
dir=$1 root=$2
shift 2
mount --make-rprivate /
scratch=$(mktemp -d "$dir/etc.XXXXXX")
mount -t tmpfs tmpfs "$scratch"
for path in /etc /var/lib; do
  name=$(echo "$path" | tr / _)
  mkdir "$scratch/$name" "$scratch/$name.work"
  mount -t overlay overlay -o "lowerdir=$path,upperdir=$scratch/$name,workdir=$scratch/$name.work" "$path"
done
mkdir -p /etc/kubernetes /var/lib/kubelet
mount -t tmpfs tmpfs /etc/kubernetes
if [ "$root" != - ]; then
  mount --bind "$root/etc/kubernetes" /etc/kubernetes
  mount --bind "$root/var/lib/kubelet" /var/lib/kubelet
fi
exec "$@"
