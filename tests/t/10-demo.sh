#!/bin/sh
# SPDX-License-Identifier: ISC
#
# `make demo` checks what it shows; here it does so with hosts in namespaces,
# where they are allowed, and with loopback addresses.  Nothing stays behind.

TMPDIR=$PWD
export TMPDIR

shows() {
	if ! timeout 60 "$TOP/tests/demo" >out 2>&1 ||
	    [ "$(tail -n 1 out)" != 'All of it is so.' ]; then
		echo "FAIL 10-demo: $1: $(tail -n 1 out)"
		tail -n 30 out
	elif ls -d ucsync-* 2>/dev/null; then
		echo "FAIL 10-demo: $1: a directory is left"
	else
		echo "ok 10-demo: $1"
	fi
}

shows 'seven hosts'
NODES_MODE=loopback
export NODES_MODE
shows 'seven loopback addresses'
