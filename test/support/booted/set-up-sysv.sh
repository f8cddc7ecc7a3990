#!/bin/sh
# Of Debian's own scripts only those that end processes and the machine do anything: the others, which are about disks
# and clocks that are not this machine's, keep the headers by which scripts are put in order.
set -eu
cat >/etc/inittab <<END
id:2:initdefault:
l0:0:wait:/etc/init.d/rc 0
l2:2:wait:/etc/init.d/rc 2
l6:6:wait:/etc/init.d/rc 6
END
cd /etc/init.d
for script in *; do
  case $script in
  README | rc | rcS | sendsigs | halt | reboot) ;;
  *)
    header=$(sed '/### END INIT INFO/q' "$script")
    echo "$header" >"$script"
    ;;
  esac
done
# Each says so until those are there that it needs.
for script in *; do
  case $script in README | rc | rcS) ;; *) update-rc.d "$script" defaults 2>/dev/null ;; esac
done
