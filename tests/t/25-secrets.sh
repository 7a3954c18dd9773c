#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Where a key must not be: in the memory of a session that has begun, in what
# the program says, in the environment of a command, in what a command finds
# open.

. "$TOP/tests/nodes.sh"

case $BUILD in
*/glibc-san) flags="-fsanitize=address,undefined" libs="-lbearssl" ;;
*/glibc) flags='' libs=-lbearssl ;;
*)
	flags="-static -no-pie -isystem $TOP/deps/${BUILD##*/}/include"
	libs=$TOP/deps/${BUILD##*/}/libbearssl.a
	;;
esac
# shellcheck disable=SC2086 # lists of words
$CC $flags -std=c99 -D_POSIX_C_SOURCE=200809L -I"$TOP/src" -o memscan \
    "$TOP/tests/peer/memscan.c" "$BUILD/libucsync.a" $libs || exit 1

nodes_up a b
key key a b
config a b <<END
group g {
	host @a@ @b@;
	key key;
	include @/srv/t;
	action {
		exec "env >@/srv/env; ls -l /proc/self/fd >@/srv/fds";
		exec "umask >@/srv/umask; touch @/srv/began";
		exec "while [ ! -e @/srv/go ]; do sleep 0.05; done";
	}
}
END
for node in a b; do
	mkdir "$(node_dir $node)/srv/t"
done
key=$(node_dir b)/$SYSTEM/key
b=$(node_dir b)/srv
if [ "$MODE" = loopback ]; then
	# paths of an action are the host's own
	skip "secrets" "actions here need a /srv of their own"
	exit 0
fi

text=$(cat "$key")
SECRET=x
export SECRET
# the server inherits a word in its environment, and the key as descriptor 9
exec 9<"$key"
umask 0
serve b -vvv || exit 1
umask 022
exec 9<&-
echo one >"$(node_dir a)/srv/t/one"
ucs a -xvvv >"$OUT/said" 2>&1 &
client=$!
remember client $client
await "the action" test -e "$b/began"
server=$(pid_of server_b)
session=$(cat "/proc/$server/task/$server/children")
clients=$(pgrep -f 'ucsync -xvvv' | while read -r pid; do
	[ "$(cat "/proc/$pid/comm")" != ucsync ] ||
	    [ "$(readlink "/proc/$pid/ns/net")" != \
		"$(readlink "/proc/$(pid_of a)/ns/net")" ] || echo "$pid"
done)
echo "# server $server, its session $session, clients $clients"
check "the processes are there" [ -n "$session" -a -n "$clients" ]
if [ "${BUILD##*/}" = glibc-san ]; then
	skip "memory" "the sanitizer keeps what was freed"
else
	# shellcheck disable=SC2086 # lists of numbers
	check "no key in the memory of a session: client and server" \
	    ./memscan "$key" - "$(name a)" "$(name b)" $session $clients
	sed 's/^/# /' "$OUT/check"
fi
check "that would be found" sh -c '! ./memscan "$1" - a b "$2"' sh "$key" \
    "$$"
touch "$b/go"
wait $client
check "the run goes well" [ $? -eq 0 ]

check "a command gets nothing of our environment" sh -c '! grep SECRET "$1"' \
    sh "$b/env"
sed 's/=.*//' "$b/env" | sort >names
printf '%s\n' PATH PWD UCSYNC_GROUP UCSYNC_PEER >want
grep -v -e '^SHLVL$' -e '^_$' -e '^OLDPWD$' names >rest
check "but four words" cmp want rest
# ls has one more, for the directory
check "nothing is open for it" sh -c '[ "$(grep -c " -> " "$1")" -eq 4 ]' sh \
    "$b/fds"
check "no key, no socket" sh -c '! grep -e key -e socket "$1"' sh "$b/fds"
check "what it makes is not for all to write" [ "$(cat "$b/umask")" = 0002 ]

check "no key in what is said with -vvv" sh -c \
    '! cat "$1" "$2" | grep -F -e "$3"' sh "$OUT/said" \
    "$(node_dir b)/server.log" "$(printf %s "$text" | cut -c1-12)"
check "which says something" grep -q "$(name a)" "$(node_dir b)/server.log"
