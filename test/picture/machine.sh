#!/bin/sh
# A machine to be pictured: what it changes under /etc, /var and /run is lost with its namespaces. It has one address,
# is called vm, and shows a person's session: a command line, then what it prints.
#   unshare --mount --net --pid --uts --fork --kill-child machine.sh NODE MAIN DIR COMMAND...
set -u
export PS1='# ' PATH="$3/bin:$PATH" KUBECONFIG=/etc/kubernetes/admin.conf KUBECACHEDIR=$3/cache
mkdir -p "$3/bin" "$3/upper"
printf '#!/bin/sh\nexec %s %s "$@"\n' "$1" "$2" >"$3/bin/slipway"
chmod +x "$3/bin/slipway"
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs "$3/upper"
for path in /etc /var/lib /var/log /run; do
  name=$(echo "$path" | tr / _)
  mkdir "$3/upper/$name" "$3/upper/$name.work"
  mount -t overlay overlay -o "lowerdir=$path,upperdir=$3/upper/$name,workdir=$3/upper/$name.work" "$path" || exit 1
done
hostname vm
ip link set lo up
ip link add eth0 type veth peer name far
ip addr add 192.0.2.2/24 dev eth0
ip link set eth0 up
ip link set far up
echo 1 >/proc/sys/net/ipv4/ip_forward
ip route add default via 192.0.2.1
ln -s "$(slipway components list -o json | sed -n 's/.*"path": "\(.*\/kubectl\)".*/\1/p' | head -1)" "$3/bin/kubectl"
clear
dir=$3
shift 3
for line in "$@"; do
  printf '# %s\n' "$line"
  sh -c "$line"
  echo
done
slipway reset --force >/dev/null 2>&1
touch "$dir/done"
sleep 60
