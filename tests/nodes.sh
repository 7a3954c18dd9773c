# SPDX-License-Identifier: ISC
#
# tests/nodes.sh: hosts on this machine for tests of the real binary, to be
# sourced.  As root each node has its own network, host name and mounts: what
# it sees at /etc (a copy of ours), /run, /srv, /var/lib, /var/log and
# /usr/local/sbin (where ucsync and csync2 are) is below `node_dir NODE`.  The
# namespaces have no names and end with the processes that hold them, so that
# nothing stays behind whatever kills a test.  Elsewhere a node is an address,
# 127.2.0.N, and a directory; NODES_MODE=loopback asks for that.
#
#	nodes_up a b c          they are there, and know each other's addresses
#	config a b <<END        their configuration: @a@ is the name of host a,
#	                        @/srv/x the path /srv/x of each node
#	config_as NAME a b      the same for `ucsync -C NAME`
#	key FILE a b            one new key for them, in the system directory
#	serve a [args]          `ucsync -ii` on a, back when the port listens
#	background KIND a args  ucsync goes on there; its id is pid_of KIND_a
#	stop a                  ends that server
#	ucs a -x                runs ucsync on a; the exit status is its own
#	on a CMD...             runs a command there (namespaces only)
#	name a, at a /srv/x     a's host name; the path that a sees
#	node_dir a              where a's / is for us
#	same_tree a b /srv/x    nothing but times of directories differs
#	state_of a              its state files: bytes and times
#	stand_in NAME a b       stdin is a script of that name there; OUT is set
#	stand_in_ssh a b        ssh and scp between them
#	build_wicked            makes ./wicked of tests/peer/wicked
#	opens a                 how many connections it began (namespaces only)
#	ok NAME; fail NAME WHY; check NAME CMD...
#	run CMD...              keeps the output in $OUT/out, the status in $rc
#	gives NAME STATUS TEXT CMD...   a test: exactly this comes out
#	line NAME STATUS REGEX CMD...   a test: one line comes out, like this
#
# $MODE is namespaces or loopback, $R what names of files begin with ('' or
# %root%), $TOPIC the script's name.  Whatever waits has a time limit.  With
# NODES_AS=csync2 the program runs under that name, with its files.

TOPIC=$(basename "$0" .sh)
: "${NODES_MODE:=}" "${UCSYNC:=$TOP/ucsync}"
NODES_LIMIT=${NODES_LIMIT:-60}
AS=${NODES_AS:-ucsync}
SYSTEM=etc/ucsync
[ "$AS" = ucsync ] || SYSTEM=etc
NODES_PORT=$((20000 + $$ % 20000))
NODES_BIND='etc run srv usr/local/sbin var/lib var/log'
R=
pids=

ok() {
	echo "ok $TOPIC: $1"
}

fail() {
	echo "FAIL $TOPIC: $1: $2"
}

skip() {
	echo "skip $TOPIC: $1: $2"
}

# check NAME CMD...: a test of one command; its output is shown when it fails.
check() {
	checked=$1
	shift
	if "$@" >"$OUT/check" 2>&1; then
		ok "$checked"
	else
		fail "$checked" "exit $?: $*"
		tail -n 15 "$OUT/check"
		return 1
	fi
}

run() {
	rc=0
	"$@" >"$OUT/out" 2>&1 || rc=$?
}

# await WHAT CMD...: until CMD succeeds, 10 seconds at most.
await() {
	awaited=$1
	shift
	tries=0
	until "$@" 2>/dev/null; do
		tries=$((tries + 1))
		if [ "$tries" -gt 1000 ]; then
			echo "$TOPIC: waited in vain for $awaited" >&2
			return 1
		fi
		sleep 0.01
	done
}

is_running() {
	[ "$(cat "/proc/$1/comm")" = "$2" ]
}

# build_wicked: the peer that keeps to no rules, as ./wicked.
build_wicked() {
	flags='' deps=''
	case $BUILD in
	*-san) flags="-fsanitize=address,undefined" ;;
	*/glibc) ;;
	*) flags="-static -no-pie" deps=$TOP/deps/${BUILD##*/} ;;
	esac
	libs='-lbearssl -ltomcrypt -lz'
	[ -z "$deps" ] ||
	    libs="$deps/libbearssl.a $deps/libtomcrypt.a $deps/libz.a"
	# shellcheck disable=SC2086 # lists of words
	$CC $flags -std=c99 -D_POSIX_C_SOURCE=200809L -I"$TOP/src" \
	    ${deps:+-isystem "$deps/include"} -o wicked \
	    "$TOP/tests/peer/wicked/"*.c "$BUILD/libucsync.a" $libs
}

# remember NAME PID, pid_of NAME
remember() {
	eval "pid_$1=$2"
	pids="$pids $2"
}

pid_of() {
	eval "echo \${pid_$1:-0}"
}

# hold NAME FLAGS: a process that keeps new namespaces alive.
hold() {
	setpriv --pdeathsig KILL unshare $2 sleep 3600 >/dev/null 2>&1 &
	remember "$1" $!
	await "the namespaces of $1" is_running "$(pid_of "$1")" sleep
}

enter() {
	entered=$(pid_of "$1")
	shift
	timeout -k 5 "$NODES_LIMIT" nsenter -t "$entered" -m -n -u -- "$@"
}

can_namespaces() {
	[ "$(id -u)" -eq 0 ] && command -v ip >/dev/null &&
	    unshare -m -n -u sh -c 'ip link add name bridge type bridge &&
	    ip link add name v type veth peer name w && mount -t tmpfs n /srv' \
	    >/dev/null 2>&1
}

node_dir() {
	echo "$NODES_DIR/$1"
}

name() {
	if [ "$MODE" = loopback ]; then
		echo "127.2.0.$(number_of "$1")"
	else
		echo "$1"
	fi
}

at() {
	if [ "$MODE" = loopback ]; then
		echo "$NODES_DIR/$1$2"
	else
		echo "$2"
	fi
}

number_of() {
	number=0
	for node in $NODES; do
		number=$((number + 1))
		[ "$node" != "$1" ] || echo "$number"
	done
}

make_root() {
	dir=$(node_dir "$1")
	mkdir -p "$dir"
	for part in $NODES_BIND; do
		mkdir -p "$dir/$part"
	done
	mkdir -p "$dir/run/ucsync" "$dir/run/csync2"
	if [ "$MODE" = namespaces ]; then
		cp -a /etc "$dir"
		echo "$1" >"$dir/etc/hostname"
		{
			echo "127.0.0.1	localhost"
			for node in $NODES; do
				echo "10.30.0.$(number_of "$node")	$node"
			done
		} >"$dir/etc/hosts"
		cp "$UCSYNC" "$dir/usr/local/sbin/ucsync"
		ln -s ucsync "$dir/usr/local/sbin/csync2"
	fi
	mkdir -p "$dir/$SYSTEM"
}

# connect NODE: its network, name and mounts.
connect() {
	hold "$1" '-m -n -u' || return 1
	number=$(number_of "$1")
	enter switch ip link add name "n$number" type veth peer name eth0 \
	    netns "$(pid_of "$1")" &&
	enter switch ip link set "n$number" master bridge up &&
	enter "$1" sh -e -c '
		echo "$1" >/proc/sys/kernel/hostname 2>/dev/null ||
		    hostname "$1"
		ip link set lo up
		ip link set eth0 up
		ip addr add "10.30.0.$2/24" dev eth0
		ip addr add "fd30::$2/64" dev eth0 nodad 2>/dev/null || :
		for part in $4; do
			mount --bind "$3/$part" "/$part"
		done' sh "$1" "$number" "$(node_dir "$1")" "$NODES_BIND"
}

nodes_up() {
	NODES="$*"
	NODES_DIR=$(mktemp -d "${TMPDIR:-/tmp}/ucsync-nodes.XXXXXX") || exit 1
	OUT=$NODES_DIR
	trap nodes_down EXIT
	trap 'exit 1' HUP INT TERM
	MODE=${NODES_MODE:-loopback}
	if [ -z "$NODES_MODE" ] && can_namespaces; then
		MODE=namespaces
	fi
	[ "$MODE" = namespaces ] || R=%root%
	ln -s "$UCSYNC" "$OUT/$AS"
	for node in $NODES; do
		make_root "$node"
	done
	[ "$MODE" = namespaces ] || return 0
	hold switch '-m -n -u' &&
	enter switch ip link add name bridge type bridge &&
	enter switch ip link set bridge up || exit 1
	for up in $NODES; do
		connect "$up" || exit 1
	done
}

# Ends what we started, by its id, and removes the roots.
nodes_down() {
	status=$?
	for pid in $pids; do
		kill "$pid" 2>/dev/null
	done
	for pid in $pids; do
		wait "$pid" 2>/dev/null
	done
	rm -rf --one-file-system "$NODES_DIR"
	exit "$status"
}

on() {
	enter "$@"
}

# The command line of node $1 in loopback mode: a word comes first.
in_place() {
	placed=$1
	shift
	case ${1:-} in
	[a-z]*)
		word=$1
		shift
		;;
	*)
		word=
		;;
	esac
	UCSYNC_SYSTEM_DIR=$NODES_DIR/$placed/$SYSTEM
	CSYNC2_SYSTEM_DIR=$UCSYNC_SYSTEM_DIR
	UCSYNC_RUN_DIR=$NODES_DIR/$placed/run/ucsync
	export UCSYNC_SYSTEM_DIR CSYNC2_SYSTEM_DIR UCSYNC_RUN_DIR
	# shellcheck disable=SC2086 # no word is no argument
	exec $start "$NODES_DIR/$AS" $word -N "$(name "$placed")" \
	    -p "$NODES_PORT" -D "$NODES_DIR/$placed/var/lib/$AS" "$@"
}

ucs() {
	if [ "$MODE" = namespaces ]; then
		ran=$1
		shift
		enter "$ran" "/usr/local/sbin/$AS" "$@"
	else
		start="timeout -k 5 $NODES_LIMIT"
		(in_place "$@")
	fi
}

# listens NODE PORT: whether somebody accepts connections there.
listens() {
	if [ "$MODE" = namespaces ]; then
		listen_in=/proc/$(pid_of "$1")/net
		listen_in="$listen_in/tcp $listen_in/tcp6"
		listen_at='[0-9A-F]*'
	else
		listen_in=/proc/net/tcp
		listen_at=$(printf '%02X00027F' "$(number_of "$1")")
	fi
	# shellcheck disable=SC2086 # two files
	cat $listen_in 2>/dev/null |
	    grep -q " $listen_at:$(printf %04X "$2") [0-9A-F]*:0000 0A "
}

# background KIND NODE args: ucsync goes on there as KIND_NODE, its messages go
# to KIND.log in the node's directory.
background() {
	said=$(node_dir "$2")/$1.log
	kind=$1_$2
	there=$2
	shift 2
	if [ "$MODE" = namespaces ]; then
		setpriv --pdeathsig KILL nsenter -t "$(pid_of "$there")" \
		    -m -n -u -- "/usr/local/sbin/$AS" "$@" \
		    >>"$said" 2>&1 </dev/null &
	else
		start=
		in_place "$there" "$@" >>"$said" 2>&1 </dev/null &
	fi
	remember "$kind" $!
}

# serve NODE [-p PORT] [args]: its messages go to server.log in its directory.
serve() {
	served=$1
	port=30865
	[ "$MODE" = namespaces ] || port=$NODES_PORT
	[ "${2:-}" != -p ] || port=$3
	shift
	background server "$served" -ii "$@"
	await "the server of $served" listens "$served" "$port" || {
		cat "$(node_dir "$served")/server.log"
		return 1
	}
}

# stop NODE [SIGNAL]: the server, and what it leaves at SIGTERM.
stop() {
	stopped=$(pid_of "server_$1")
	[ "$stopped" -ne 0 ] && kill -s "${2:-TERM}" "$stopped" || return 1
	eval "pid_server_$1=0"          # 0 is none: kill would end us all
	wait "$stopped" 2>/dev/null
}

# stand_in NAME NODE...
stand_in() {
	{
		echo '#!/bin/sh'
		echo "OUT=$OUT"
		cat
	} >"$OUT/$1"
	chmod +x "$OUT/$1"
	standing=$1
	shift
	for node; do
		cp "$OUT/$standing" "$(node_dir "$node")/usr/local/sbin"
	done
}

stand_in_ssh() {
	for node; do
		pid_of "$node" >"$OUT/$node.pid"
	done
	stand_in ssh "$@" <<-'END'
	host=$1
	shift
	exec nsenter -t "$(cat "$OUT/$host.pid")" -m -n -u -- sh -c "$*"
	END
	stand_in scp "$@" <<-'END'
	[ "$1" != -p ] || shift
	while [ $# -gt 1 ]; do
		files="$files $1"
		shift
	done
	exec cp -p $files "$OUT/${1%%:*}${1#*:}"
	END
}

config_as() {
	file=$SYSTEM/$AS${1:+_}$1.cfg
	shift
	names=
	prefix=
	for node in $NODES; do
		names="$names;s|@$node@|$(name "$node")|g"
		prefix="$prefix on $(name "$node"): $(node_dir "$node");"
	done
	sed "$names;s|@/|$R/|g" >"$OUT/config"
	[ -z "$R" ] || echo "prefix root {$prefix }" >>"$OUT/config"
	for node; do
		cp "$OUT/config" "$(node_dir "$node")/$file"
	done
}

config() {
	config_as '' "$@"
}

key() {
	file=$1
	shift
	"$UCSYNC" -k "$OUT/key" || return 1
	for node; do
		cp -p "$OUT/key" "$(node_dir "$node")/$SYSTEM/$file"
	done
	rm "$OUT/key"
}

# listing PATH: a line for everything that must be alike; a fifo is not opened.
listing() {
	from=$1 what=.
	[ -d "$1" ] || from=$(dirname "$1") what=./$(basename "$1")
	ls -d "$1" >/dev/null || return 1
	(
		cd "$from" || exit 1
		find "$what" -type d -printf '%p %y %m %U %G\n'
		find "$what" -type l -printf '%p %y %U %G %l\n'
		find "$what" ! -type d ! -type l \
		    -printf '%p %y %m %U %G %s %T@\n'
		find "$what" \( -type b -o -type c \) \
		    -exec stat -c '%n %t:%T' {} +
		find "$what" -type f -exec cksum {} +
	) | LC_ALL=C sort
}

same_tree() {
	listing "$(node_dir "$1")$3" >"$OUT/left" &&
	listing "$(node_dir "$2")$3" >"$OUT/right" || return 1
	cmp -s "$OUT/left" "$OUT/right" || {
		echo "$3 on $1 (<) and $2 (>):"
		diff "$OUT/left" "$OUT/right" | head -n 20
		return 1
	}
}

state_of() {
	listing "$(node_dir "$1")/var/lib"
}

opens() {
	if [ "$MODE" = namespaces ]; then
		awk '/^Tcp: [0-9]/ { print $6 }' \
		    "/proc/$(pid_of "$1")/net/snmp"
	else
		echo unknown
	fi
}

# gives NAME STATUS TEXT CMD...: exactly this comes out.
gives() {
	gave=$1
	want=$2
	printf '%s' "${3:+$3
}" >"$OUT/want"
	shift 3
	run "$@"
	if [ "$rc" -eq "$want" ] && cmp -s "$OUT/want" "$OUT/out"; then
		ok "$gave"
	else
		fail "$gave" "exit $rc, not $want, or another text (>)"
		diff "$OUT/want" "$OUT/out"
	fi
}

# line NAME STATUS REGEX CMD...: one line comes out, and it is like this.
line() {
	lined=$1
	want=$2
	regex=$3
	shift 3
	run "$@"
	if [ "$rc" -eq "$want" ] && [ "$(wc -l <"$OUT/out")" -eq 1 ] &&
	    grep -qEx -- "$regex" "$OUT/out"; then
		ok "$lined"
	else
		fail "$lined" "exit $rc, not $want, or not one line '$regex'"
		head -n 5 "$OUT/out"
	fi
}
