# Runs each /mnt/commands/N.sh once; N.out and N.err hold what it said, and N.code, written last, how it ended.
cd /mnt/commands
: >up
while :; do
  for script in *.sh; do
    [ -e "$script" ] || continue
    name=${script%.sh}
    mv "$script" "$name.begun"
    (cd / && exec sh "/mnt/commands/$name.begun") >"$name.out" 2>"$name.err" </dev/null
    echo $? >"$name.code.new"
    mv "$name.code.new" "$name.code"
  done
  sleep 0.1
done
