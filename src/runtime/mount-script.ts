/**
 * Sets up a mount namespace that the shell has just entered, as the file $1 says (`planMounts`, a word a line), then
 * becomes what follows. The first failure ends it, with what mount(8) said on stderr. The plan is a file, for there may
 * be a thousand words, and arguments would stay in memory and in every list of processes.
 *
 * A volume that may not be left is opened first, and what was opened is mounted: whatever is put in its path meanwhile,
 * the kernel's own name of the open file says where it lies. `readonly` keeps what devices and processes need; a mount
 * that another one hides is nobody's to write to.
 *
 * What is mounted below a `share` later reaches the machine, and nothing else does: in a namespace that still shares
 * all with the machine it is bound on a tmpfs in /proc, which every machine mounts and which is set apart first; then
 * all others are set apart. Nothing is unmounted but what is private, for that would reach the machine, too. Source:
 * containerd internal/cri/opts spec_opts.go WithMounts (rshared, ensureShared).
 */
export const MOUNT_SCRIPT = `set -ef
IFS='
'
exec 8<"$1"
shift
next() { read -r "$1" <&8; }
fail() { echo "$1" >&2; exit 1; }
below() { case "$1/" in "\${2%/}"/*) true;; *) false;; esac; }
is_seen() {
  [ -e "$2" ] || return 1
  exec 6<"$2"
  while IFS='	' read -r name value; do
    case $name in mnt_id:) [ "$value" = "$1" ]; return;; esac
  done </proc/self/fdinfo/6
}
readonly_below() {
  while IFS=' ' read -r id _ _ _ point options _; do
    point=$(printf %b "$point")
    below "$point" "$1" || continue
    if [ "$1" = / ] && { below "$point" /dev || below "$point" /proc; }; then continue; fi
    mount -o "remount,bind,$options,ro" "$point" || ! is_seen "$id" "$point"
  done </proc/self/mountinfo
}
open_volume() {
  [ -n "$within" ] || return 0
  [ -d "$from" ] || [ -f "$from" ] || fail "$from is neither a directory nor a file"
  exec 9<"$from"
  below "$(readlink /proc/self/fd/9)" "$within" || fail "$from leads out of its volume"
  from=/proc/self/fd/9
}
is_shared() {
  while IFS=' ' read -r _ _ _ _ point _ tag _; do
    case "$point $tag" in "$1 shared:"*) return 0;; esac
  done </proc/self/mountinfo
  return 1
}
set_apart() {
  while IFS=' ' read -r _ _ _ _ point _ tag _; do
    point=$(printf %b "$point")
    case $tag in shared:*) below "$point" "$1" || mount --no-canonicalize --make-slave "$point" || ! mountpoint -q "$point";; esac
  done </proc/self/mountinfo
}
paths=
shares=
while next word; do
  case $word in
    share)
      next source; next within; next kind; next place
      [ -n "$shares" ] || { mount --make-rslave /proc; shares=\${place%/*}; mount -t tmpfs slipway "$shares"; }
      if [ "$kind" = dir ]; then mkdir "$place"; else : >"$place"; fi
      from=$source
      open_volume
      mount --no-canonicalize --rbind "$from" "$place"
      exec 9<&-
      is_shared "$place" || fail "what the container mounts below $source would not reach the machine, for that lies on no shared mount (mount --make-rshared /), and the container has mounts at other paths or files of its own";;
    apart) set_apart "$shares";;
    stage) next place; next options; mount -t tmpfs -o "$options" slipway "$place";;
    path) next place; paths="$paths$place$IFS";;
    dirs) mkdir -p -- $paths; paths=;;
    files) for place in $paths; do : >"$place"; done; paths=;;
    devices) next place; cp -a -- $paths "$place"; paths=;;
    link) next place; next target; ln -s -- "$target" "$place";;
    keep) next from; next place; mount --rbind "$from" "$place";;
    move) next from; next place; mount --move "$from" "$place";;
    pivot)
      next place
      exec 7</
      cd "$place"
      pivot_root . .
      [ -z "$shares" ] || mount --no-canonicalize --make-rprivate /proc/self/fd/7
      exec 7<&-
      umount -l .
      cd /;;
    readonly) next place; readonly_below "$place";;
    nested)
      next volume; next kind; next place
      [ "$(readlink -m -- "$place")" = "$place" ] || fail "$place is a link in the volume at $volume, and nothing is mounted through it"
      if [ "$kind" = dir ]; then mkdir -p "$place"; elif [ ! -e "$place" ]; then mkdir -p "\${place%/*}"; : >"$place"; fi;;
    volume)
      next from; next within; next place; next propagation; next access
      open_volume
      mount --no-canonicalize --rbind "--make-r$propagation" -o "$access" "$from" "$place"
      exec 9<&-;;
    writable) next place; mount -o remount,bind,rw "$place";;
    *) fail "internal error: $word";;
  esac
done
[ -z "$shares" ] || { mount --make-rprivate "$shares"; umount -l "$shares"; }
exec "$@" 8<&-`;
