/**
 * Sets up a mount namespace that the shell has just entered, word by word as `planMounts` says, then becomes what
 * follows the word `run`. The first failure ends it, with what mount(8) said on stderr.
 *
 * Lists of paths are one word with a line each. A volume that may not be left is opened first, and what was opened is mounted: whatever is put in its path meanwhile,
 * the kernel's own name of the open file says where it lies. `readonly` keeps what devices and processes need.
 */
export const MOUNT_SCRIPT = `set -ef
IFS='
'
fail() { echo "$1" >&2; exit 1; }
below() { case "$1/" in "\${2%/}"/*) true;; *) false;; esac; }
readonly_below() {
  while IFS=' ' read -r _ _ _ _ point options _; do
    point=$(printf %b "$point")
    below "$point" "$1" || continue
    if [ "$1" = / ] && { below "$point" /dev || below "$point" /proc; }; then continue; fi
    mount -o "remount,bind,$options,ro" "$point" || [ ! -e "$point" ]
  done </proc/self/mountinfo
}
while [ "$1" != run ]; do
  word=$1
  shift
  case $word in
    stage) mount -t tmpfs -o "$2" slipway "$1"; shift 2;;
    dirs) mkdir -p -- $1; shift;;
    files) for file in $1; do : >"$file"; done; shift;;
    devices) cp -a -- $2 "$1"; shift 2;;
    link) ln -s -- "$2" "$1"; shift 2;;
    keep) mount --rbind "$1" "$2"; shift 2;;
    move) mount --move "$1" "$2"; shift 2;;
    pivot) cd "$1"; pivot_root . .; umount -l .; cd /; shift;;
    readonly) readonly_below "$1"; shift;;
    nested)
      [ "$(readlink -m -- "$3")" = "$3" ] || fail "$3 is a link in the volume at $1, and nothing is mounted through it"
      if [ "$2" = dir ]; then mkdir -p "$3"; elif [ ! -e "$3" ]; then mkdir -p "\${3%/*}"; : >"$3"; fi
      shift 3;;
    volume)
      from=$1
      if [ -n "$2" ]; then
        [ -d "$from" ] || [ -f "$from" ] || fail "$from is neither a directory nor a file"
        exec 9<"$from"
        below "$(readlink /proc/self/fd/9)" "$2" || fail "$from leads out of its volume"
        from=/proc/self/fd/9
      fi
      mount --no-canonicalize --rbind "--make-r$4" -o "$5" "$from" "$3"
      exec 9<&-
      shift 5;;
    writable) mount -o remount,bind,rw "$1"; shift;;
    *) fail "internal error: $word";;
  esac
done
shift
exec "$@"`;
