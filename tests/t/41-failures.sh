#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Peers that fail, each in its own way, in one run: a wrong key, nothing that
# listens, no address, silence, silence in the middle, a full disk.  Each costs
# itself one clear line with its name, the others get everything, exit 1; and
# when the causes are removed the next -x brings everybody everything.

. "$TOP/tests/nodes.sh"

case $BUILD in
*/musl) static=-static ;;
*) static= ;;
esac
# shellcheck disable=SC2086 # one word or none
$CC $static -std=c99 -D_POSIX_C_SOURCE=200809L -o relay \
    "$TOP/tests/peer/relay.c" || exit 1

nodes_up a good other wrong port silent stops full state
key key a good other wrong port silent stops full state
all='@a@ @good@ @other@ @wrong@ @port@ @silent@ @stops@ @full@ @state@'
write_config() {
	config a good other wrong port silent stops full state <<END
connect-timeout 2; handshake-timeout 2; idle-timeout 3;
group g { host $all; key key; include @/srv/t; }
$1
END
}
write_config 'group h { host @a@ nosuch.invalid; key key; include @/srv/t; }'

# What stops in the middle is the line to it.
relay() {
	if [ "$MODE" = namespaces ]; then
		setpriv --pdeathsig KILL nsenter -t "$(pid_of stops)" -n \
		    ./relay 0.0.0.0 30865 127.0.0.1 30866 0 "$@" >relayed &
	else
		./relay "$(name stops)" "$NODES_PORT" "$(name stops)" \
		    $((NODES_PORT + 1)) 0 "$@" >relayed &
	fi
	remember relay $!
	await "the relay" grep -q ready relayed
}

# fill NAME COUNT
fill() {
	i=0
	while [ "$i" -lt "$2" ]; do
		i=$((i + 1))
		echo "$1 $i" >"$(node_dir a)/srv/t/$1$i"
	done
}

# What a full node sees is not below its node_dir.
tree_of() {
	if [ "$MODE" = namespaces ]; then
		echo "/proc/$(pid_of "$1")/root/srv/t"
	else
		echo "$(node_dir "$1")/srv/t"
	fi
}

alike() {
	listing "$(tree_of a)" >"$OUT/left"
	listing "$(tree_of "$1")" >"$OUT/right"
	diff "$OUT/left" "$OUT/right"
}

# line NODE TEXT WHAT: one line about that node, not more than the sum of what
# was done apart, and TEXT is in it.
line() {
	grep "^$(name "$1"): " "$OUT/out" | grep -v ' updated, ' >said
	if [ "$(wc -l <said)" -eq 1 ] && grep -q "$2" said; then
		ok "one line for $3"
		sed 's/^/# /' said
	else
		fail "one line for $3" "not just one with '$2'"
		cat "$OUT/out"
	fi
}

exits() {
	if [ "$rc" -eq "$1" ]; then
		ok "exit $1 $2"
	else
		fail "exit $1 $2" "it is $rc"
		cat "$OUT/out"
	fi
}

for node in $NODES; do
	mkdir "$(node_dir "$node")/srv/t"
done
if [ "$MODE" = namespaces ]; then
	on full mount -t tmpfs -o size=1m,mode=755 full /srv/t
	on state mount -t tmpfs -o size=64k state /var/lib
	on state sh -c 'mkdir /var/lib/ucsync; cat /dev/zero >/var/lib/fill' \
	    2>"$OUT/err"
fi
fill small 40
head -c 3000000 /dev/urandom >"$(node_dir a)/srv/t/large"
mv "$(node_dir wrong)/etc/ucsync/key" kept
key key wrong
for node in good other wrong silent full state; do
	serve $node || exit 1
done
if [ "$MODE" = namespaces ]; then
	serve stops -p 30866
else
	serve stops -p $((NODES_PORT + 1))
fi
relay 1000000
kill -STOP "$(pid_of server_silent)"

trap 'kill -CONT "$(pid_of server_silent)"; nodes_down' EXIT
begun=$(date +%s)
run ucs a -x
echo "# $(($(date +%s) - begun)) s"
exits 1 "when peers failed"
check "the good one has everything" alike good
check "the other one has everything" alike other
line wrong "key" "a wrong key"
line port "connect" "a port where nothing listens"
line silent "no answer" "a silent peer"
line stops "no answer" "a peer that stops in the middle"
check "one line for a name without address" \
    grep -q '^nosuch.invalid: cannot find the address' "$OUT/out"
if [ "$MODE" = namespaces ]; then
	line full "/srv/t/large: .*No space" "a full disk"
	check "what fits is there" \
	    cmp "$(tree_of a)/small40" "$(tree_of full)/small40"
	line state "No space" "no space for the state"
fi

# Everything is put right.
kill -CONT "$(pid_of server_silent)"
kill "$(pid_of relay)"
relay
write_config ''
cp kept "$(node_dir wrong)/etc/ucsync/key"
serve port || exit 1
if [ "$MODE" = namespaces ]; then
	on full mount -o remount,size=64m /srv/t
	on state rm /var/lib/fill
fi
run ucs a -x
exits 0 "when the causes are gone"
for node in good other wrong port silent stops full state; do
	check "$node has everything" alike $node
done
check "nothing is pending" [ "$(ucs a -M)" = '' ]
