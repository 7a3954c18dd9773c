#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What somebody without a key can cost a server: connections that say nothing,
# or next to nothing, from one address and from many, a thousand of them; what a
# process of theirs takes of memory; a member gets through all the same.  And
# the same of somebody who has the key.

. "$TOP/tests/nodes.sh"

case $BUILD in
*/musl) static=-static ;;
*) static= ;;
esac
# shellcheck disable=SC2086 # one word or none
$CC $static -std=c99 -D_POSIX_C_SOURCE=200809L -o hold \
    "$TOP/tests/peer/hold.c" || exit 1
build_wicked || exit 1

nodes_up a b
key key a b
config a b <<END
handshake-timeout 3; max-connections 12;
group g { host @a@ @b@; key key; include @/srv/t; }
END
for node in a b; do
	mkdir "$(node_dir $node)/srv/t"
done
serve a -v || exit 1
server=$(pid_of server_a)
# what nodes.sh started may be nsenter's child
children() {
	cat "/proc/$1/task/$1/children" 2>/dev/null
}
count() {
	children "$server" | wc -w
}

# hold COUNT SOURCES [DRIP]: in the background, from node a itself.
hold() {
	rm -f held
	if [ "$MODE" = namespaces ]; then
		setpriv --pdeathsig KILL nsenter -t "$(pid_of a)" -n \
		    ./hold 127.0.0.1 30865 "$@" >held &
	else
		./hold "$(name a)" "$NODES_PORT" "$@" >held &
	fi
	remember hold $!
	await "connections" grep -q open held
}

settles() {
	[ "$(count)" -eq "$1" ]
}

# Six again, without that one.
others_in() {
	settles 6 && ! children "$server" | grep -qw "$victim"
}

over() {
	await "the end of the silent" grep -q over held
	ms=$(sed -n 's/over //p' held)
	[ "$ms" -gt 2000 ] && [ "$ms" -lt 6000 ]
}

hold 10 1
check "of one address four have no handshake yet" await "four" settles 4
check "and its others are told off" grep -q \
    '127.9.0.1: too many connections at once' "$(node_dir a)/server.log"

# The memory of a process that waits for a hello, less what all share.
own=$(for pid in $(children "$server"); do
	awk '/^Private_Dirty/ { print $2 }' "/proc/$pid/smaps_rollup"
done | sort -n | tail -n 1)
echo "# a connection before its handshake: $own KiB of its own"
check "of which each has less than 256 KiB" [ "${own:-9999}" -lt 256 ]
check "they are ended after the handshake's time" over
check "nobody is left" await "none" settles 0

hold 2 10
check "of many addresses half of all connections" await "six" settles 6
echo one >"$(node_dir b)/srv/t/one"
start=$(date +%s%N)
check "a member gets through" ucs b -x
took=$((($(date +%s%N) - start) / 1000000))
check "at once: $took ms" [ "$took" -lt 1500 ]
check "with what it brought" same_tree a b /srv/t
check "the oldest were ended for it" grep -q \
    'no handshake yet, and others wait' "$(node_dir a)/server.log"
check "the others have their time" over

# A thousand: the client's own three seconds for a handshake are the limit.
for crowd in '1000 1' '4 250'; do
	# shellcheck disable=SC2086 # two words
	hold $crowd
	echo "one of $crowd" >"$(node_dir b)/srv/t/one"
	start=$(date +%s%N)
	check "a member gets through a crowd of $crowd" ucs b -x
	echo "# after $((($(date +%s%N) - start) / 1000000)) ms"
	check "with what it brought, crowd of $crowd" same_tree a b /srv/t
	await "the end of the crowd" grep -q over held
	check "nobody is left of a crowd of $crowd" await "none" settles 0
done

hold 1 2 100
check "a byte now and then is not enough" over
check "nobody is left of them" await "none" settles 0
# A thousand that have the key, and are silent for as long as idle-timeout
# lets them.
if [ "$MODE" = namespaces ]; then
	setpriv --pdeathsig KILL nsenter -t "$(pid_of a)" -n ./wicked crowd \
	    127.0.0.1 30865 "$(node_dir b)/$SYSTEM/key" \
	    "$(name b)" "$(name a)" 1000 >crowd &
else
	./wicked crowd "$(name a)" "$NODES_PORT" \
	    "$(node_dir b)/$SYSTEM/key" "$(name b)" "$(name a)" 1000 >crowd &
fi
crowd=$!
remember crowd $crowd
check "of one address with the key half are in" await "six" grep -q 'in 6' crowd
sleep 1
echo "beside the crowd" >"$(node_dir b)/srv/t/one"
start=$(date +%s%N)
check "a member gets through a crowd that has the key" ucs b -x
took=$((($(date +%s%N) - start) / 1000000))
check "at once: $took ms past those that have the key" [ "$took" -lt 3000 ]
check "with what it brought, past them" same_tree a b /srv/t
check "no more than half are in" settles 6
own=$(awk '/^Private_Dirty/ { print $2 }' "/proc/$server/smaps_rollup")
fds=$(find "/proc/$server/fd" -type l | wc -l)
echo "# the server, with those that wait: $own KiB of its own, $fds descriptors"
check "and few wait" [ "$fds" -lt 40 ]
# one that goes lets another of them in
victim=$(children "$server" | cut -d ' ' -f 1)
kill "$victim"
check "who waited comes in" await "another" others_in
kill $crowd
check "nobody is left of those with the key" await "none" settles 0

check "nobody but that was ended by a signal" [ \
    "$(grep -c 'ended by signal' "$(node_dir a)/server.log")" -eq 1 ]
