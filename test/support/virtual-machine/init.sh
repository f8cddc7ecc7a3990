#!/bin/busybox sh
# The first program of the virtual machine. Its root is the machine that it runs on, as it is, read-only, below what it
# writes itself, which is on a disk and so outlives a reboot. /mnt is the directory that both share.
set -eu
export PATH=/bin
/bin/busybox mkdir -p /proc /sys /dev /below /disk /root
/bin/busybox --install -s /bin
trap 'echo "the virtual machine does not start"; poweroff -f' EXIT
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
modprobe -a crc32c_generic virtio_pci virtio_blk ext4 9p 9pnet_virtio overlay

share() { mount -t 9p -o "trans=virtio,version=9p2000.L,msize=512000,$3" "$1" "$2"; }
share machine /below ro,cache=loose
mount -t ext4 /dev/vda /disk
[ -d /disk/upper ] || mkdir /disk/upper /disk/work
mount -t overlay -o lowerdir=/below,upperdir=/disk/upper,workdir=/disk/work overlay /root
share shared /root/mnt cache=none
# Others' files there are none of its business.
for path in /tmp /var/tmp; do mount -t tmpfs tmpfs "/root$path"; done

if [ ! -e /disk/installed ]; then
  # No service of the machine below, no file system of its.
  rm -rf /root/etc/systemd/system /root/etc/fstab /root/etc/init.d /root/etc/rc?.d
  units=/root/etc/systemd/system
  mkdir -p "$units/multi-user.target.wants"
  cp /root/mnt/agent.service "$units"
  ln -s ../agent.service "$units/multi-user.target.wants"
  cp -r /root/mnt/slipway /root/opt/slipway
  tr -d - </proc/sys/kernel/random/uuid >/root/etc/machine-id
  touch /disk/installed
fi
for path in /proc /dev; do mount -o move "$path" "/root$path"; done
trap - EXIT
exec switch_root -c /dev/console /root /lib/systemd/systemd
