#!/bin/sh
# SPDX-License-Identifier: ISC
# limit: 240
#
# What a run costs, as far as it can be counted: system calls, syncs, bytes on
# the wire, memory of each side. Measured by strace and tests/bench/meter.c;
# what is needed for that, and is missing, is skipped. Memory is that of the
# static program.

. "$TOP/tests/nodes.sh"

FILES=5000
[ -n "${LONG:-}" ] && FILES=50000 NODES_LIMIT=600
command -v strace >/dev/null || {
	skip 'what a run costs' 'needs strace'
	exit 0
}
cc -static -O1 -o meter "$TOP/tests/bench/meter.c" 2>cc.log ||
    echo "no meter: $(tail -n 1 cc.log)"

nodes_up a b
key key a b
config a b <<END
group g { host @a@ @b@; key key; include @/srv/t; }
END
for node in a b; do
	mkdir "$(node_dir $node)/srv/t"
	# What ucs and the server start is what `tool` says.
	program=$OUT/$AS
	[ "$MODE" = loopback ] ||
	    program=$(node_dir $node)/usr/local/sbin/ucsync
	rm -f "$program"
	# No command but the last: its memory would count.
	cat >"$program" <<-END
	#!/bin/sh
	side=$PWD/client
	case " \$* " in
	*" -iii "*) side=$PWD/server ;;
	esac
	read -r tool <$PWD/tool
	case \$tool in
	meter) exec $PWD/meter "\$side" "$UCSYNC" "\$@" ;;
	strace) exec strace -f -c -o "\$side" "$UCSYNC" "\$@" ;;
	esac
	END
	chmod 755 "$program"
done
a=$(node_dir a)/srv/t
b=$(node_dir b)/srv/t

server() {
	if [ "$MODE" = namespaces ]; then
		port=30865
		setpriv --pdeathsig KILL nsenter -t "$(pid_of b)" \
		    -m -n -u -- "/usr/local/sbin/$AS" -iii \
		    >server.log 2>&1 </dev/null &
	else
		port=$NODES_PORT
		start=
		in_place b -iii >server.log 2>&1 </dev/null &
	fi
	remember server $!
	await "the server" listens b "$port" || exit 1
}

# All that a's network card saw.
card() {
	awk '/eth0:/ { sub(/.*:/, ""); printf "%.0f\n", $1 + $9 }' \
	    "/proc/$(pid_of a)/net/dev"
}

# bring TOOL: one -x of a against b, both by that tool.
bring() {
	echo "$1" >tool
	rm -f client server
	server
	run ucs a -x
	wait "$(pid_of server)" || rc=$?
	[ "$rc" -eq 0 ] && same_tree a b /srv/t && return
	cat "$OUT/out" server.log
	fail "$counted" "-x failed, or the trees differ"
	exit 1
}

# at_most WHAT NUMBER LIMIT
at_most() {
	if [ "${2:-0}" -le "$3" ]; then
		ok "$1 ($2 of $3)"
	else
		fail "$1" "$2, more than $3"
	fi
}

# calls SIDE [CALLS]: how many, all or those of a pattern.
calls() {
	awk -v of="${2:-.}" '$NF ~ of && $NF !~ /^(total|syscall|-+)$/ {
		n += $4
	} END { print n + 0 }' "$1"
}

SYNCS='^(fsync|fdatasync|sync|syncfs|sync_file_range|msync)$'
synced() {
	for side in client server; do
		[ -s $side ] || fail "$counted: syncs of the $side" "uncounted"
		at_most "$counted: syncs of the $side" \
		    "$(calls $side "$SYNCS")" "$1"
	done
}

fill() {
	i=0
	while [ "$i" -lt "$1" ]; do
		i=$((i + 1))
		[ $((i % 50)) -ne 1 ] || mkdir -p "$a/d$((i / 50))"
		echo "file $i of $1, some words of text" \
		    >"$a/d$(((i - 1) / 50))/file$i"
	done
}

# memory KIB: of either side, by the meter.
memory() {
	for side in client server; do
		at_most "$counted: KiB of memory of the $side" \
		    "$(cut -d ' ' -f 4 $side)" "$1"
	done
}

measures_memory() {
	[ -x meter ] && case $BUILD in
	*/musl) [ "$MODE" = namespaces ] ;;
	*) false ;;
	esac
}

counted="$FILES new files"
fill "$FILES"
bring strace
# four for 1,700 files, and what compaction needs
synced $((20 * FILES / 5000))

counted='one changed file'
echo changed >"$a/d0/file1"
bring strace
synced 6

# The last word on what b has, and a tidy state.
run ucs a -xq
counted='nothing to do'
state_of a >before
opened=$(opens a)
run ucs a -xv
[ "$rc" -eq 0 ] || fail "$counted" "exit $rc"
# one a file; some for each directory of 50
at_most "$counted: system calls" "$(calls client)" $((FILES * 5 / 4))
state_of a | cmp -s - before && ok "$counted: no byte written" ||
    fail "$counted: no byte written" "the state changed"
[ "$(opens a)" = "$opened" ] && ok "$counted: no connection" ||
    fail "$counted: no connection" "one was made"

forget() {
	for node in a b; do
		dir=$(node_dir $node)
		rm -rf "$dir"/srv/t "$dir"/var/lib/ucsync "$dir"/run/ucsync/*
		mkdir "$dir/srv/t" "$dir/var/lib/ucsync"
	done
}

if measures_memory; then
	forget
	counted='200 new files'
	fill 200
	bring meter
	memory 1536
	counted='nothing to do, 200 files'
	run ucs a -xq
	at_most "$counted: KiB of memory" "$(cut -d ' ' -f 4 client)" 1024

	forget
	counted="$FILES new files"
	fill "$FILES"
	bring meter
	memory 5120

	forget
	for size in 4 64; do
		counted="$size MiB of one file"
		head -c "${size}000000" /dev/zero | tr '\0' x >"$a/file"
		bring meter
		memory 1280
		counted="an edit of $size MiB"
		printf edited | dd of="$a/file" bs=1 seek=3000000 conv=notrunc \
		    2>/dev/null
		bring meter
		memory 1280
	done
	forget
	head -c 33554432 /dev/urandom >"$a/file"
	bring meter
	counted='100 scattered edits of 4,000 bytes in 32 MiB'
	i=0
	while [ $i -lt 100 ]; do
		head -c 4000 /dev/urandom | dd of="$a/file" conv=notrunc \
		    oflag=seek_bytes seek=$((i * 333333 + 17)) 2>/dev/null
		i=$((i + 1))
	done
	passed=$(card)
	bring meter
	memory 1536
	# above the 400,000 the signatures, and where blocks end
	at_most "$counted: bytes" $(($(card) - passed)) 600000
else
	skip 'memory' 'needs the static program, meter.c and namespaces'
	echo x >"$a/file"
	bring strace
fi

counted='only touched'
inode=$(stat -c %i "$b/file")
touch "$a/file"
[ "$MODE" != namespaces ] || passed=$(card)
bring strace
[ "$MODE" != namespaces ] ||
    at_most "$counted: bytes on the wire" $(($(card) - passed)) 4096
[ "$(stat -c %i "$b/file")" = "$inode" ] && ok "$counted: not rewritten" ||
    fail "$counted: not rewritten" "another file stands there"

counted='3 MB of noise'
head -c 3000000 /dev/urandom >"$a/noise"
bring strace
at_most "$counted: bytes sent" \
    "$(sed -n 's/.*(\([0-9]*\) bytes sent.*/\1/p' "$OUT/out")" 3030000
grep -q '([0-9]* bytes sent' "$OUT/out" || fail "$counted" "bytes uncounted"
