#!/bin/sh
# A control plane on / with every default, from init to reset, in mount, network and process namespaces of its own:
#   unshare --mount --net --pid --fork --kill-child on-whole-machine.sh NODE MAIN KUBECTL DIR
# What it changes under /etc, /var and /run is lost with the namespace. DIR gets what the tests look at.
set -u
node=$1 main=$2 kubectl=$3 dir=$4
slipway() { "$node" "$main" "$@"; }
changed_dirs="/etc /var/lib /var/log /run"
# Someone may install a package meanwhile.
list() { find $changed_dirs -path '/var/lib/[ad]p*' -prune -o -printf '%p %y %m %U %G %l\n' | sort; }

mount --make-rprivate /
mount -t proc proc /proc
mkdir "$dir/upper"
mount -t tmpfs tmpfs "$dir/upper"
for path in $changed_dirs; do
  name=$(echo "$path" | tr / _)
  mkdir "$dir/upper/$name" "$dir/upper/$name.work"
  mount -t overlay overlay -o "lowerdir=$path,upperdir=$dir/upper/$name,workdir=$dir/upper/$name.work" "$path" || exit 1
done
ip link set lo up

list >"$dir/before"
slipway init >"$dir/init.out" 2>"$dir/init.err"
echo $? >"$dir/init.code"
slipway status -o json >"$dir/status.json"
KUBECONFIG=/etc/kubernetes/admin.conf KUBECACHEDIR=$dir/upper/cache "$kubectl" get nodes -o json >"$dir/nodes.json"
slipway reset --force >"$dir/reset.out" 2>&1
echo $? >"$dir/reset.code"
list >"$dir/after"
for pid in /proc/[0-9]*; do tr '\0' ' ' <"$pid/cmdline"; echo; done >"$dir/processes" 2>/dev/null
