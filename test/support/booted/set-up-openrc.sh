#!/bin/sh
# Nothing but the runlevels: no service is in them yet. Debian's OpenRC complains where the file is missing.
set -eu
touch /etc/insserv.conf
for level in sysinit boot default shutdown; do mkdir -p "/etc/runlevels/$level"; done
