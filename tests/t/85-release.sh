#!/bin/sh
# SPDX-License-Identifier: ISC
# limit: 400
#
# A second build, in another directory, is equal byte by byte; with LONG=1 one
# that builds libc and libraries, too.

TOPIC=85-release
case $BUILD in
*/musl) ;;
*)
	echo "skip $TOPIC: only for the static binary"
	exit
	;;
esac
unset CC MAKEFLAGS MAKEOVERRIDES
given=
mkdir -p again/deps
cp -r "$TOP/Makefile" "$TOP/config.mk" "$TOP/src" again
[ -n "${LONG:-}" ] || {
	cp -a "$TOP/deps/musl" again/deps
	touch again/deps/musl/ready
}
for library in musl bearssl libtomcrypt zlib; do
	name=$(echo "$library" | tr a-z A-Z)
	given="$given ${name}_SRC=$TOP/deps/src/$library"
done
# shellcheck disable=SC2086 # words
make -s -C again $given all >log 2>&1 || {
	cat log
	echo "FAIL $TOPIC: does not build"
	exit 1
}
if cmp "$UCSYNC" again/ucsync; then
	echo "ok $TOPIC: a build elsewhere is equal"
else
	echo "FAIL $TOPIC: a build elsewhere is equal: it differs"
fi
