#!/bin/sh
# SPDX-License-Identifier: ISC
#
# ucsync watch: what editors and people do to files is on the peer within three
# seconds, one errand for many changes; what cannot be watched is checked from
# time to time.
#
# limit: 300

. "$TOP/tests/nodes.sh"

nodes_up a b || exit 1
T=$R/srv/t
da=$(node_dir a)
db=$(node_dir b)
[ -d "$da" ] && [ -d "$db" ] || exit 1
ta=$da/srv/t
tb=$db/srv/t
log=$da/watch.log
key k a b
config a b <<'CONFIG'
group g {
	host @a@ @b@;
	key k;
	include @/srv/t;
	include @/srv/some/*.conf;
	include @/srv/late/in/it;
	exclude *.no;
	auto younger;
}
CONFIG
serve b
mkdir -p "$ta/d" "$da/srv/some"
echo f >"$ta/f"

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

# soon NAME CMD...: CMD succeeds within three seconds of what was done before.
soon() {
	sooner=$1
	shift
	begun=$(now_ms)
	until "$@" 2>/dev/null; do
		[ $(($(now_ms) - begun)) -gt "${SOON:-3000}" ] || {
			sleep 0.02
			continue
		}
		fail "$sooner" "not in ${SOON:-3000} ms: $*"
		tail -n 10 "$log"
		return
	done
	ok "$sooner"
}

alike() {
	same_tree a b /srv/t >/dev/null 2>&1
}

has() {
	[ "$(cat "$tb/$1")" = "$2" ]
}

gone() {
	[ ! -e "$tb/$1" ]
}

# No errand is under way, and none was for a moment: it would be a child.
quiet() {
	for once in 1 2 3; do
		[ -z "$(cat "/proc/$W/task/$W/children")" ] || return 1
		sleep 0.02
	done
}

# mark, noted REGEX: how many lines since the last mark are like that.
mark() {
	await 'the errand to end' quiet
	marked=$(wc -l <"$log")
}

noted() {
	tail -n +$((marked + 1)) "$log" | grep -c -- "$1"
}

background watch a watch -v
W=$(pid_of watch_a)
SOON=10000
soon 'what is there at the start' alike
SOON=3000
mark

# What editors do.
echo 'a new one' >"$ta/.f.no"
mv "$ta/.f.no" "$ta/f"
soon 'a temporary file renamed' has f 'a new one'
check 'a temporary file renamed: one change' [ "$(noted ^Changed:)" = 1 ]
mark
printf 'in place' >"$ta/f"
soon 'truncated and written' has f 'in place'
mark
mv "$ta/f" "$ta/f~" && echo 'with a backup' >"$ta/f"
soon 'the old one kept as a backup' alike
check 'the old one kept: both are there' has f~ 'in place'
mark
mkdir -p "$ta/x/y/z" && echo deep >"$ta/x/y/z/f" && echo top >"$ta/x/f"
soon 'directories with files at once' has x/y/z/f deep
mark
echo deeper >"$ta/x/y/z/g"
soon 'new directories are watched' has x/y/z/g deeper
mark
chmod 600 "$ta/x/f"
ln -s f "$ta/link"
mkfifo "$ta/fifo"
ln "$ta/f" "$ta/hard"
soon 'modes, links, other files' alike
check 'modes, links, other files: one errand' [ "$(noted Connecting)" = 1 ]
mark
rm "$ta/link" "$ta/fifo"
soon 'removed' alike
mark

# Moves within, out and in.
mv "$ta/x" "$ta/moved"
soon 'a directory renamed' alike
mark
echo more >"$ta/moved/y/z/g"
soon 'a directory renamed: watched by its new name' has moved/y/z/g more
mark
mv "$ta/moved" "$da/srv/out"
soon 'moved out' gone moved
mark
echo out >"$da/srv/out/y/z/g"
mv "$da/srv/out" "$ta/back"
soon 'moved in' alike
mark
check 'moved in: with what was changed outside' has back/y/z/g out
rm -r "$ta/back"
mkdir -p "$ta/back/y"
echo anew >"$ta/back/y/f"
soon 'removed and made anew' alike
mark
echo again >"$ta/back/y/f"
soon 'removed and made anew: is watched' has back/y/f again
mark

# What does not concern it, and what is in directories that nothing includes.
echo x >"$da/srv/some/x.txt"
echo x >"$da/srv/unrelated"
echo x >"$ta/x.no"
sleep 2.5
mark
check 'what is not included: no word' [ "$(noted .)" = 0 ]
rm "$ta/x.no"
echo conf >"$da/srv/some/x.conf"
soon 'a pattern: what is new in its directory' [ -f "$db/srv/some/x.conf" ]
mark
mkdir "$da/srv/late"
sleep 2.5
mkdir "$da/srv/late/in"
sleep 2.5
mark
echo late >"$da/srv/late/in/it"
soon 'below what was not there at the start' [ -f "$db/srv/late/in/it" ]
mark

# What comes from others is no change of ours.
serve a
began=$(opens a)
echo theirs >"$tb/f"
run ucs b -xq
check 'from the peer: there' [ "$(cat "$ta/f")" = theirs ]
before=$(state_of a)
sleep 2.5
mark
check 'from the peer: nothing is written' [ "$(state_of a)" = "$before" ]
check 'from the peer: no connection' [ "$(opens a)" = "$began" ]
stop a

# Ten thousand at once; and more than the kernel keeps while nobody listens.
fill() {
	cd "$ta/many" && seq 10000 | xargs touch
}

mkdir "$ta/many"
(fill)
SOON=60000
soon 'ten thousand files' alike
mark
kill -s STOP "$W"
(fill && cd "$ta/many" && rm -f [1-4]* && echo lost >5)
kill -s CONT "$W"
soon 'events that were lost: everything is checked' alike
mark
SOON=3000
echo end >"$ta/many/5"
soon 'and all goes on' has many/5 end
mark
check 'no word of failures' eval '! grep -v "with 0 errors" "$log" |
    grep -iE "error|cannot|failed"'
kill "$W"
rc=0
wait "$W" || rc=$?
check 'SIGTERM: exit 0' [ "$rc" -eq 0 ]

# limited NAME FILE NUMBER: in a user namespace of its own with such a limit.
limited() {
	if [ "$MODE" != namespaces ] || ! on a unshare -U -r sh -c \
	    'echo 9 >/proc/sys/user/max_inotify_watches' 2>/dev/null; then
		skip "$1" 'needs namespaces'
		return
	fi
	setpriv --pdeathsig KILL nsenter -t "$(pid_of a)" -m -n -u -- \
	    unshare -U -r sh -c "echo $3 >/proc/sys/user/$2
	    exec /usr/local/sbin/ucsync watch -n 1" \
	    >"$OUT/limited" 2>&1 </dev/null &
	W=$!
	remember limited "$W"
	log=$OUT/limited
	SOON=10000
	soon "$1: the start" alike
	for round in 1 2; do
		echo "$1 $round" >"$ta/d/limited"
		SOON=30000
		soon "$1: checked, round $round" has d/limited "$1 $round"
	done
	check "$1: said once" \
	    [ "$(grep -c 'cannot be watched.*every 10 s' "$log")" = 1 ]
	kill "$W"
	wait "$W"
}
limited 'too many directories' max_inotify_watches 3
limited 'no inotify' max_inotify_instances 0
