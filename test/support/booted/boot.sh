#!/bin/sh
# Boots a machine whose disk is DIR/upper over this machine's own, in namespaces that its caller has made:
#   boot.sh DIR INIT SHOWN…
# Directories that are SHOWN are there as they are here. What INIT and its scripts print is in DIR/console. The first
# time the files below DIR/installed are put on the disk, for which no script of this machine's is left, and
# /etc/set-up, one of these, is run.
set -eu
dir=$1 init=$2
shift 2
root=$dir/root
if [ -d "$dir/upper" ]; then new=no; else new=yes; fi
mkdir -p "$dir/upper" "$dir/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/upper,workdir=$dir/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for name in null zero full random urandom tty; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
touch "$dir/console" "$root/dev/console"
mount --bind "$dir/console" "$root/dev/console"
for path in "$@"; do
  mkdir -p "$root$path"
  mount --bind "$path" "$root$path"
done
ip link set lo up
hostname booted
# Within the machine: some of its files are links, which lead to this machine's own from here.
if [ "$new" = yes ]; then
  mkdir "$root/run/installed"
  mount --bind "$dir/installed" "$root/run/installed"
  chroot "$root" /bin/sh -euc '
    rm -rf /etc/init.d /etc/rc?.d /etc/runlevels
    cp -a --remove-destination /run/installed/. /
    umount /run/installed
    /etc/set-up'
fi
exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$init"
