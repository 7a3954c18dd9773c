#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What OpenWrt's builders run on the target, in BusyBox's ash: NAME VERSION.

[ "$1" = ucsync ] || exit 0
ucsync --version | grep -F "$2" || exit 1

dir=/tmp/ucsync-test
mkdir -p "$dir/etc" "$dir/state" "$dir/tree" || exit 1
ucsync keygen "$dir/etc/key" || exit 1
cat >"$dir/etc/ucsync.cfg" <<END
group test {
	host one two;
	key key;
	include $dir/tree;
}
END
echo hello >"$dir/tree/file"
UCSYNC_SYSTEM_DIR=$dir/etc ucsync check -N one -D "$dir/state" &&
UCSYNC_SYSTEM_DIR=$dir/etc ucsync pending -N one -D "$dir/state" |
    grep -F "$dir/tree/file"
status=$?
rm -r "$dir"
exit "$status"
