#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What TLS takes of the static binary, by the linker's map: BearSSL and the
# modules over it, code and constants and data.  At most 32 KiB.  And that the
# linker was told to harden what it made.

limit=32768
map=$BUILD/ucsync.map
case $BUILD in
*/musl)
	awk -v limit=$limit '
	/^Linker script and memory map/ { on = 1 }
	!on || !/^ / { next }
	# a long name of a section stands on a line of its own
	NF == 1 && /^ \./ { name = $1; next }
	/^ \./ { name = $1; size = $3; file = $4 }
	/^   / && NF == 3 && $1 ~ /^0x/ { size = $2; file = $3 }
	/^   / && !(NF == 3 && $1 ~ /^0x/) || /^ [^ .]/ { next }
	name ~ /^\.(comment|note|debug|eh_frame)/ { next }
	file ~ /libbearssl\.a\(/ { bear += number(size) }
	file ~ /libucsync\.a\((tls|handshake|hello|suite|secret|hkdf)\.o/ {
		ours += number(size)
	}
	function number(hex, n, i) {
		n = 0
		for (i = 3; i <= length(hex); i++)
			n = n * 16 + index("0123456789abcdef",
			    substr(hex, i, 1)) - 1
		return n
	}
	END {
		printf "# TLS: BearSSL %d, ours %d, in all %d bytes\n", bear,
		    ours, bear + ours
		if (bear > 8192 && ours > 2048 && bear + ours <= limit)
			printf "ok 24-size: TLS takes %d bytes of %d\n",
			    bear + ours, limit
		else
			printf "FAIL 24-size: TLS: %d bytes of %d\n",
			    bear + ours, limit
	}' "$map"
	;;
*)
	echo "skip 24-size: TLS: only of the static binary"
	;;
esac

command -v readelf >/dev/null || {
	echo "skip 24-size: hardening: no readelf"
	exit 0
}
readelf -lW "$UCSYNC" >segments
if grep -q 'GNU_STACK.* RW  ' segments && ! grep -q ' RWE ' segments; then
	echo "ok 24-size: nothing is both written and run"
else
	echo "FAIL 24-size: something is both written and run"
	cat segments
fi
case $BUILD in
*/glibc)
	readelf -dW "$UCSYNC" | grep -q 'FLAGS.*NOW' &&
	    grep -q GNU_RELRO segments &&
	    echo "ok 24-size: bound and made constant at the start" ||
	    echo "FAIL 24-size: no RELRO"
	;;
esac
