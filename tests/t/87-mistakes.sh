#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What is said of a machine that is not as it should be: disks that are full,
# read-only or away, states that are damaged, old or copied, other programs at
# the port, keys and directories that cannot be used. (What is mistyped is in
# 73.)

. "$TOP/tests/nodes.sh"

nodes_up a b
[ "$MODE" = namespaces ] || {
	skip 'what the machine does' 'needs a root directory for each host'
	exit
}
da=$(node_dir a)
db=$(node_dir b)
sys=/etc/ucsync
lib=/var/lib/ucsync
config a b <<'END'
group g {
	host a b;
	key k;
	include /srv/t /srv/u;
	backup-directory /var/lib/backup;
}
handshake-timeout 4;
END
key k a b
mkdir "$da/srv/t" "$da/srv/u" "$db/srv/t" "$db/srv/u"
echo x >"$da/srv/t/x"

# told NAME TEXT CMD...: exit 1, and this is one of the lines.
told() {
	about=$1 text=$2
	shift 2
	run "$@"
	if [ "$rc" -eq 1 ] && grep -qxF -e "$text" "$OUT/out"; then
		ok "$about"
	else
		fail "$about" "exit $rc, or no '$text'"
		cat "$OUT/out"
	fi
}

# push NAME TEXT: what a says of b; settled: all goes well again.
push() {
	told "$1" "b: $2" ucs a -xq
}

settled() {
	gives "then it goes: $about" 0 '' ucs a -xq
}

#### What can be seen without a peer
gives 'no system directory' 1 'cannot make the system directory /proc/x: No '\
'such file or directory' on a env UCSYNC_SYSTEM_DIR=/proc/x ucsync init a b
gives 'a key to nowhere' 1 \
    'key file /nowhere/k: No such file or directory' ucs a keygen /nowhere/k
told 'a descriptor that cannot be written' \
    '-W 3: cannot write: Bad file descriptor' \
    on a sh -c 'ucsync -cr / -W 3 3</dev/null'
gives "another host's address" 1 \
    'cannot listen on b port 30865: Address not available; is that an address '\
'of this host?' ucs a serve -N b
gives "another user's state" 1 \
    "$lib/a.db: Permission denied; does it belong to another user?" \
    on a setpriv --reuid 65534 --clear-groups ucsync -M
mkdir -p "$OUT/d/a.db" "$da/$SYSTEM/ucsync_d.cfg"
gives 'a state that is a directory' 1 "$OUT/d/a.db: Is a directory" \
    ucs a -M -D "$OUT/d"
gives 'a config that is a directory' 1 \
    "cannot read $sys/ucsync_d.cfg: Is a directory" ucs a -M -C d
mkdir "$da/srv/full"
on a sh -c 'mount -t tmpfs -o size=16k n /srv/full &&
    dd if=/dev/zero of=/srv/full/f bs=4k count=4' 2>/dev/null
gives 'no room for the state' 1 \
    '/srv/full/a.db.new: writing: No space left on device' \
    ucs a -c -D /srv/full /srv/t

#### Keys
mv "$da/$SYSTEM/k" "$OUT/k"
mkdir "$da/$SYSTEM/k"
push 'a key that is a directory' "key file $sys/k: not a regular file"
rmdir "$da/$SYSTEM/k"
(umask 077 && echo short >"$da/$SYSTEM/k")
push 'a key of five letters' "key file $sys/k: the key is too short: 5 \
characters, at least 32 are needed"
mv "$OUT/k" "$da/$SYSTEM/k"
chown 65534 "$da/$SYSTEM/k"
push "another user's key" "key file $sys/k: it belongs to user 65534, who \
could change it; cure: chown 0 $sys/k"
chown 0 "$da/$SYSTEM/k"

#### Something else is at the port
# other CMD...: it answers b's port.
other() {
	setpriv --pdeathsig KILL nsenter -t "$(pid_of b)" -m -n -u -- \
	    systemd-socket-activate --accept --inetd -l 30865 "$@" \
	    >"$OUT/other" 2>&1 </dev/null &
	remember server_b $!
	await "$1" listens b 30865
}

if command -v systemd-socket-activate >/dev/null; then
	other /bin/echo SSH-2.0-OpenSSH
	push 'another program' "what the peer sent is not TLS 1.2 while \
waiting for the server's hello (error 3); is it ucsync at the other end?"
	stop b
	other /bin/sleep 20
	push 'nothing but silence' \
	    'no answer to the handshake for 4 s; is it ucsync at the other end?'
	stop b
	other /bin/sh -c 'timeout 0.3 cat >/dev/null'
	push 'somebody who hangs up' \
	    "the line broke off while waiting for the server's hello"
	stop b
else
	skip 'other programs at the port' 'no systemd-socket-activate'
fi

#### The peer's disk
serve b
about='a first run'
settled
echo y >"$da/srv/t/x"
mv "$db/var/lib/backup" "$db/var/lib/away" 2>/dev/null
echo >"$db/var/lib/backup"
push 'no backup can be made' "/srv/t/x: backup directory /var/lib/backup \
cannot be used: Not a directory"
rm "$db/var/lib/backup"
settled
mv "$db/srv/t" "$db/srv/away"
echo z >"$da/srv/t/x"
push 'its directory is gone' "/srv/t/x: /srv/t is no directory there any more \
(not mounted?); if it was removed, check it there with -y"
mv "$db/srv/away" "$db/srv/t"
settled
stop b
on b mount -t tmpfs -o size=64k n /srv/t
serve b
echo zz >"$da/srv/t/x"
push 'another disk is there' "/srv/t/x: /srv/t lies under the mount point \
/srv/t and not, as before, under / (not mounted?); if it is meant, check it \
there with -y"
stop b
on b umount /srv/t
serve b
settled
stop b
on b mount -t tmpfs -o size=64k n /srv/u
serve b
on b ucsync -cyr /srv/u
echo first >"$da/srv/u/first"
run ucs a -xq -y
on a ucsync -fr /srv/u
run ucs a -xq -y
dd if=/dev/urandom of="$da/srv/u/big" bs=1M count=1 2>/dev/null
push 'its disk is full' "/srv/u/big: cannot be written: No space left on device"
rm "$da/srv/u/big"
settled
echo small >"$da/srv/u/small"
stop b
on b mount -o remount,ro /srv/u
serve b
push 'its disk is read-only' "/srv/u/small: no temporary file can be made: \
Read-only file system"
stop b
on b mount -o remount,rw /srv/u
serve b
settled
if command -v systemd-socket-activate >/dev/null; then
	setpriv --pdeathsig KILL nsenter -t "$(pid_of b)" -m -n -u -- \
	    systemd-socket-activate -l /srv/t/socket /bin/true \
	    >"$OUT/other" 2>&1 </dev/null &
	remember other $!
	await 'the socket' [ -S "$db/srv/t/socket" ]
	echo x >"$da/srv/t/socket"
	push 'a socket is in the way' \
	    '/srv/t/socket: a socket stands there; move it away'
	kill "$(pid_of other)"
	rm -f "$db/srv/t/socket"
	settled
fi

echo file >"$db/srv/v"
mkdir -p "$da/srv/v/w"
echo deep >"$da/srv/v/w/x"
for node in a b; do
	sed -i 's|include |&/srv/v/w |' "$(node_dir $node)/$SYSTEM/ucsync.cfg"
done
push 'no directory for a directory' '/srv/v/w: its directory is missing, or '\
'something else stands in its place'
rm "$db/srv/v"
settled

#### States
cp -a "$da/var/lib/ucsync" "$OUT/old"
echo 1 >"$da/srv/t/x"
about='a backup of the state'
settled
rm -r "$da/var/lib/ucsync"
cp -a "$OUT/old" "$da/var/lib/ucsync"
echo 2 >"$da/srv/t/x"
push 'a state of yesterday' 'the state of this host is older than what b '\
'knows of it: it has a new replica id now'
run on a ucsync -f /srv/t/x
check 'then -f settles it' ucs a -xq
cp "$da/var/lib/ucsync/a.db" "$db/var/lib/ucsync/b.db"
told "another host's state: compared" "b: b has a copy of this host's state: \
remove the state file on one of the two" ucs a compare
echo 3 >"$da/srv/t/x"
run ucs a -xq
check "another host's state: what the server says" grep -qxF "$lib/b.db: comes \
from another host: goes on under a new replica id" "$db/server.log"
seq 100 >"$da/var/lib/ucsync/a.db"
run ucs a -xq
check 'a damaged state' grep -qxF "$lib/a.db: damaged, or no state file: kept \
as $lib/a.db.damaged-1; a new state begins" "$OUT/out"
