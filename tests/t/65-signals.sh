#!/bin/sh
# SPDX-License-Identifier: ISC
#
# SIGTERM ends a server whenever it comes: right after its start, and while a
# peer that says nothing keeps the one connection of -iii.

. "$TOP/tests/nodes.sh"

case $BUILD in
*/musl) static=-static ;;
*) static= ;;
esac
# shellcheck disable=SC2086 # one word or none
$CC $static -std=c99 -D_POSIX_C_SOURCE=200809L -o hold \
    "$TOP/tests/peer/hold.c" || exit 1

# the servers' own process is ours to wait for: no namespaces in between
NODES_MODE=loopback
nodes_up a
key key a
config a <<END
handshake-timeout 60;
group g { host @a@ b; key key; include @/srv/t; }
END

# begin ARG...: a server, whose id is $pid.
begin() {
	start=
	in_place a "$@" >"$OUT/said" 2>&1 </dev/null &
	pid=$!
	remember begun "$pid"
}

gone() {
	! kill -0 "$pid" 2>/dev/null
}

# end: SIGTERM ends it within 10 seconds, either way that a process may end.
end() {
	kill "$pid"
	await "the end" gone || return 1
	status=0
	wait "$pid" || status=$?
	case $status in
	0|143) ;;
	*)
		echo "exit $status"
		return 1
		;;
	esac
}

rounds() {
	i=0
	while [ $i -lt 100 ]; do
		i=$((i + 1))
		begin -ii
		sleep "0.0$((i / 10))$((i % 10))"
		end || return 1
	done
}

begin -ii
await "a listener" listens a "$NODES_PORT" || exit 1
check "a server that waits" end
check "with exit status 0" [ "$status" -eq 0 ]
check "100 at all moments of their beginning" rounds

begin -iii
await "a listener" listens a "$NODES_PORT" || exit 1
./hold "$(name a)" "$NODES_PORT" 1 1 >held &
remember hold $!
await "the connection" grep -q open held
closed() {
	! listens a "$NODES_PORT"
}
await "its acceptance" closed
check "one whose only connection says nothing" end
