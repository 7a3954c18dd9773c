# SPDX-License-Identifier: ISC
#
# tests/strike.sh: a push of some thirty mixed changes from host a to host b,
# struck at one system call of one process by strace; to be sourced by tests.
# Everything is in memory and begins with a copy of the same two hosts.
#
#	strike_up               the hosts, and all that a strike begins with
#	strike SIDE INJECT      begins anew; SIDE is what strace is told about:
#	                        check (a -cr /), client (a -u), server (b -i) or
#	                        puller (b -x, which takes the changes from a);
#	                        INJECT '' only counts
#	calls                   of the last strike: lines `CALL COUNT`, the most
#	                        that any one process made
#	struck                  whether the last INJECT hit anything
#	whole                   what stands on b is old or new, nothing half
#	heal                    one -x on each side: all is well, or says why not
#
# $client and $server are what they said, $rc is the client's exit status.

. "$TOP/tests/nodes.sh"

# Calls that change anything. Not mkdir(2), which only says that the state's
# directory is there already, nor what is no call on every machine.
CHANGING='write pwrite64 rename renameat renameat2 link linkat symlink
	symlinkat mknod mknodat mkdirat unlink unlinkat rmdir ftruncate fchmod
	fchmodat fchown fchownat lchown utimensat setxattr lsetxattr fsetxattr
	fsync fdatasync syncfs'

old_tree() (
	cd "$1" || exit 1
	mkdir gone kept dirtofile mode.d
	head -c 300000 /dev/urandom >grown
	head -c 150000 /dev/urandom >whole
	for file in changed mode owner mtime filetodir removed filetolink \
	    gone/1 gone/2 kept/1 dirtofile/in; do
		echo "old $file" >"$file"
	done
	ln -s "old target" link
	ln -s "a target" linktofile
	mkfifo fiforemoved
)

new_tree() (
	cd "$1" || exit 1
	rm -r gone kept dirtofile removed fiforemoved filetodir filetolink \
	    linktofile
	head -c 5000 /dev/urandom >>grown
	head -c 150000 /dev/urandom >whole
	echo new >changed
	echo "a new file" >added
	: >empty
	chmod 600 mode
	chmod 700 mode.d
	[ "$(id -u)" -ne 0 ] || chown 1:1 owner
	touch -d @1000000000 mtime
	echo "a file now" >dirtofile
	echo "a file now, too" >linktofile
	mkdir -p filetodir/x n1/n2/n3
	echo y >filetodir/x/y
	echo deep >n1/n2/n3/deep
	ln -sfn "new target" link
	ln -s "a target" filetolink
	mkfifo fifo
)

# things DIR: kinds and contents.
things() (
	cd "$1" || exit 1
	find . -name '.ucsync-*' -prune -o -type l -printf '%p l %l\n' -o \
	    -type f -exec cksum {} + -o -printf '%p %y\n' | LC_ALL=C sort
)

# everything DIR: what has to be alike in the end.
everything() (
	cd "$1" || exit 1
	find . \( -type d -printf '%p d %m %U %G\n' \) -o \
	    \( -type l -printf '%p l %U %G %l\n' \) -o \
	    \( -printf '%p %y %m %U %G %s %T@\n' -type f -exec cksum {} + \) |
	    LC_ALL=C sort
)

names() {
	sed 's,^[0-9]* [0-9]* ,,; s, .*,,' "$@" | LC_ALL=C sort
}

# begin SCENE: both hosts as they were then.  Nothing changes a's tree, which
# keeps its times so; what b has is copied, and looked at by a check.
begin() {
	rm -rf "$live/a/var" "$live/a/run" "$live/b/srv" "$live/b/var" \
	    "$live/b/run" "$live/acted"
	cp -a "$OUT/$1/." "$live"
	ucs b -cr /
}

keep() {
	mkdir -p "$OUT/$1/a" "$OUT/$1/b"
	cp -a "$live/a/var" "$live/a/run" "$OUT/$1/a"
	cp -a "$live/b/srv" "$live/b/var" "$live/b/run" "$OUT/$1/b"
}

# As inetd: b's server for one connection, under what $start says.
inetd() {
	mkfifo "$OUT/ready"
	(
		start="$OUT/inetd 127.2.0.2 $((NODES_PORT + 1)) ${1:-}"
		in_place b -i
	) >"$OUT/ready" 2>"$server" &
	inetd=$!
	read -r _ <"$OUT/ready"
	rm "$OUT/ready"
}

# The server's end; inetd may still wait for a client that never came.
inetd_ends() {
	! is_running "$inetd" inetd 2>/dev/null || kill "$inetd" 2>/dev/null
	wait "$inetd" 2>/dev/null
}

strike_up() {
	strace -o /dev/null -e inject=fsync:error=EIO:when=9 true \
	    >/dev/null 2>&1 || {
		skip "all" "needs strace"
		exit 0
	}
	[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
	NODES_MODE=loopback
	nodes_up a b
	live=$NODES_DIR client=$OUT/client server=$OUT/server
	"$CC" -o "$OUT/inetd" "$TOP/tests/peer/inetd.c" || exit 1
	key key a b
	config a b <<END
group g {
	host @a@ @b@; key key; include @/srv/t; exclude @/srv/t/*/own;
	backup-directory $live/b/srv/bak;
	action { exec "printf '%s\\n' %% >>$live/acted"; }
}
END
	mkdir "$live/a/srv/t" "$live/b/srv/t"
	serve a && serve b || exit 1
	old_tree "$live/a/srv/t" && ucs a -x 2>"$client" || exit 1
	echo own >"$live/b/srv/t/kept/own"
	things "$live/b/srv/t" >"$OUT/old"
	new_tree "$live/a/srv/t"
	everything "$live/a/srv/t" >"$OUT/all.a"
	keep unchecked
	ucs a -cr / || exit 1
	keep checked
	rm "$live/acted"
	ucs a -u 2>"$client" || exit 1
	things "$live/b/srv/t" >"$OUT/new"
	everything "$live/b/srv/t" >"$OUT/all.b"
	sort -u "$live/acted" >"$OUT/act"
	LC_ALL=C sort -u "$OUT/old" "$OUT/new" >"$OUT/may"
	names "$OUT/old" >"$OUT/oldnames"
	names "$OUT/new" | LC_ALL=C comm -12 - "$OUT/oldnames" >"$OUT/must"
	rm -rf "$live/b/run/ucsync"
	TRACED=$(traced "$CHANGING")
}

# traced CALLS: so for strace; what this machine does not have is left out.
traced() {
	printf '?%s,' $1 | sed 's/,$//'
}

# under INJECT: strace and its arguments.
under() {
	echo "strace -f -qq -o $OUT/trace -e trace=$TRACED${1:+ -e inject=$1}"
}

strike() {
	rc=0
	: >"$OUT/trace"
	: >"$server"
	case $1 in
	check)
		begin unchecked
		(start=$(under "$2"); in_place a -cr /) >"$client" 2>&1 || rc=$?
		;;
	client)
		begin checked
		inetd
		(
			start=$(under "$2")
			in_place a -u -p $((NODES_PORT + 1))
		) >"$client" 2>&1 || rc=$?
		inetd_ends
		;;
	server)
		begin checked
		inetd "$(under "$2")"
		(
			start="timeout $NODES_LIMIT"
			in_place a -u -p $((NODES_PORT + 1))
		) >"$client" 2>&1 || rc=$?
		inetd_ends
		;;
	puller)
		begin checked
		rm -rf "$live/b/run/ucsync"
		mkdir "$live/b/run/ucsync"
		(start=$(under "$2"); in_place b -x) >"$client" 2>&1 || rc=$?
		;;
	esac
}

calls() {
	awk '$2 ~ /^[a-z0-9]+\(/ {
		call = substr($2, 1, index($2, "(") - 1)
		if (++n[call " " $1] > most[call])
			most[call] = n[call " " $1]
	}
	END {
		for (call in most)
			print call, most[call]
	}' "$OUT/trace" | sort
}

struck() {
	grep -q -e '(INJECTED)' -e 'killed by SIGKILL' "$OUT/trace"
}

whole() {
	things "$live/b/srv/t" >"$OUT/has"
	LC_ALL=C comm -23 "$OUT/has" "$OUT/may" >"$OUT/half"
	names "$OUT/has" | LC_ALL=C comm -13 - "$OUT/must" >"$OUT/missing"
	[ -s "$OUT/half" ] || [ -s "$OUT/missing" ] || return 0
	sed 's/^/neither old nor new: /' "$OUT/half"
	sed 's/^/missing: /' "$OUT/missing"
	return 1
}

# alike NODE: its tree is what it has to be.
alike() {
	everything "$live/$1/srv/t" | diff "$OUT/all.$1" - >"$OUT/differs" &&
	    return 0
	echo "$1 is not what it should be (<):"
	head -n 10 "$OUT/differs"
	return 1
}

heal() {
	for healed in a b; do
		run ucs "$healed" -x
		if [ "$rc" -ne 0 ] || grep -i conflict "$OUT/out"; then
			echo "exit $rc of -x on $healed"
			cat "$OUT/out"
			return 1
		fi
	done
	alike a && alike b || return 1
	! find "$live/a/srv" "$live/b/srv" -name '.ucsync-*' | grep . ||
	    return 1
	sort -u "$live/acted" | comm -23 "$OUT/act" - >"$OUT/idle"
	[ -s "$OUT/idle" ] || return 0
	sed 's/^/no action ran for /' "$OUT/idle"
	return 1
}
