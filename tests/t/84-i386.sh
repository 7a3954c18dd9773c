#!/bin/sh
# SPDX-License-Identifier: ISC
# limit: 600
#
# The binary for 32-bit x86, which an x86-64 kernel runs: no warnings, some unit
# programs, a sync of two hosts.

TOPIC=84-i386
command -v i686-linux-gnu-gcc >/dev/null || {
	echo "skip $TOPIC: no compiler (gcc-i686-linux-gnu)"
	exit
}
case $(uname -m) in
x86_64|i?86) ;;
*)
	echo "skip $TOPIC: not on this CPU"
	exit
	;;
esac
units='buf num hash delta entry journal message state entries fulldisk version
    tls'
unset CC MAKEFLAGS MAKEOVERRIDES
make -s -C "$TOP" TARGET=i386 CFLAGS=-Os all units TESTS="$units" \
    >log 2>&1 || {
	cat log
	echo "FAIL $TOPIC: does not build"
	exit 1
}
if grep -q warning: log; then
	cat log
	echo "FAIL $TOPIC: warnings"
fi
UCSYNC=$TOP/build/i386/ucsync BUILD=$TOP/build/i386 \
    "$TOP/tests/run" $units 82-other
