#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The binary alone: two hosts whose root is a tmpfs of 8 MiB with a static
# busybox and nothing else; no libc, no /etc/passwd, no /etc/hosts, no
# resolv.conf, no /proc, of devices only null, and the same host name. A key, a
# server, runs in both directions, an action by /bin/sh; how much memory that
# takes.

. "$TOP/tests/nodes.sh"

OUT=$PWD
MODE=namespaces
busybox=$(command -v busybox)
why=
case $BUILD in
*/musl) ;;
*) why='only for the static binary' ;;
esac
[ "$(id -u)" -eq 0 ] || why='needs root'
[ -n "$busybox" ] || why='no busybox (busybox-static)'
[ -n "$why" ] || unshare -m -n -u mount -t tmpfs none /mnt 2>/dev/null ||
    why='no namespaces'
[ -z "$why" ] || {
	skip 'a root with busybox only' "$why"
	exit
}

# Two networks with a wire between them; all ends with its last process.
if [ -z "${INSIDE:-}" ]; then
	INSIDE=1 exec setpriv --pdeathsig KILL unshare -m -n -u -p -f \
	    --kill-child --mount-proc sh "$0"
fi

$CC -static -std=c99 -D_GNU_SOURCE -Os -o peak "$TOP/tests/peer/peak.c" ||
    exit 1

# make_alone NODE: its root.
make_alone() {
	root=$OUT/$1
	mkdir "$root" &&
	mount -t tmpfs -o size=8m none "$root" &&
	mkdir "$root/bin" "$root/dev" "$root/etc" "$root/etc/ucsync" \
	    "$root/srv" "$root/tmp" \
	    "$root/var" "$root/var/run" &&
	cp "$busybox" "$root/bin/busybox" &&
	cp "$UCSYNC" peak "$root/bin/" &&
	mknod -m 666 "$root/dev/null" c 1 3 &&
	for applet in sh cat; do
		ln -s busybox "$root/bin/$applet" || return
	done
	cat >"$root/etc/ucsync/ucsync.cfg" <<END
group main {
	host r1@10.31.0.1 r2@10.31.0.2;
	key /etc/ucsync/key;
	include /srv;
	auto none;
	action {
		pattern /srv/*.conf;
		exec "cat %% >/tmp/acted; echo \$UCSYNC_PEER >>/tmp/acted";
	}
}
END
}

# in_root NODE CMD...
in_root() {
	rooted=$1
	shift
	enter "$rooted" chroot "$OUT/$rooted" "$@"
}

sync_of() {
	in_root "$1" /bin/ucsync -N r1 -x
}

alike() {
	[ "$(cat "$OUT/$1/srv/$3")" = "$(cat "$OUT/$2/srv/$3")" ]
}

is() {
	[ "$(cat "$2")" = "$1" ]
}

for node in r1 r2; do
	make_alone "$node" && hold "$node" '-m -n -u' || exit 1
	enter "$node" hostname OpenWrt
done
ip link add name w1 netns "$(pid_of r1)" type veth \
    peer name w2 netns "$(pid_of r2)" || exit 1
for number in 1 2; do
	enter "r$number" ip addr add "10.31.0.$number/24" dev "w$number"
	enter "r$number" ip link set "w$number" up
done

run in_root r1 /bin/busybox true
[ "$rc" -eq 0 ] || {
	skip 'a root with busybox only' "$busybox is not static"
	exit
}
check 'a key, without /dev/urandom' in_root r1 /bin/ucsync keygen \
    /etc/ucsync/key
cp -p r1/etc/ucsync/key r2/etc/ucsync/key
check 'the state has its place' in_root r1 /bin/busybox mkdir -p \
    /var/lib/ucsync
mkdir -p r2/var/lib/ucsync

echo one >r1/srv/a.conf
echo two >r2/srv/b
chown 1234:4321 r1/srv/a.conf
i=0
while [ "$i" -lt 200 ]; do
	i=$((i + 1))
	echo "file $i" >"r1/srv/f$i"
done

# One connection; then peak tells the most memory of the server's processes.
setpriv --pdeathsig KILL nsenter -t "$(pid_of r2)" -m -n -u -- \
    chroot "$OUT/r2" /bin/peak /peak /bin/ucsync -N r2 -iii >one.log 2>&1 &
one=$!
await 'the server of r2' listens r2 30865
check 'what r2 finds' in_root r2 /bin/ucsync -N r2 -cr /
check 'a run to a server that serves one' sync_of r1
wait "$one"
check 'all files are alike' diff -r r1/srv r2/srv
check 'an owner without a name' is 1234:4321 /dev/fd/0 <<END
$(stat -c %u:%g r2/srv/a.conf)
END
check 'an action, by /bin/sh' is "$(printf 'one\n10.31.0.1')" r2/tmp/acted
peak=$(cat r2/peak)
[ "${peak:-9999}" -le 1536 ] && ok "200 files: a process of $peak KiB" ||
    fail '200 files: a process of 1536 KiB' "$peak; $(cat one.log)"

setpriv --pdeathsig KILL nsenter -t "$(pid_of r2)" -m -n -u -- \
    chroot "$OUT/r2" /bin/ucsync serve -N r2 >server.log 2>&1 &
remember server_r2 $!
await 'the server of r2' listens r2 30865
echo three >r1/srv/a.conf
rm r1/srv/b
check 'a run to a daemon' sync_of r1
check 'a change has arrived' is three r2/srv/a.conf
check 'a removal, too' test ! -e r2/srv/b
check 'the action again' is "$(printf 'three\n10.31.0.1')" r2/tmp/acted
echo four >r2/srv/a.conf
check 'the last contact is in /var/run' test -n "$(ls r1/var/run/ucsync)"
check '-N binds to the address that the config has' \
    grep -q "02001F0A:7891 .* 0A " "/proc/$(pid_of r2)/net/tcp"
check 'what the peer found' in_root r2 /bin/ucsync -N r2 -cr /
touch r1/srv/again
check 'is fetched' sync_of r1
check 'and here' is four r1/srv/a.conf
check 'action here' is "$(printf 'four\n10.31.0.2')" r1/tmp/acted
rss=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' \
    "/proc/$(pid_of server_r2)/status")
[ "${rss:-9999}" -le 400 ] && ok "the idle daemon: $rss KiB" ||
    fail 'the idle daemon: at most 400 KiB' "$rss"
kill "$(pid_of server_r2)"
