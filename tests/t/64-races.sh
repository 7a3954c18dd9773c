#!/bin/sh
# SPDX-License-Identifier: ISC
# limit: 300
#
# What happens at the same time: runs that overlap lose no edit, whatever they
# were asked for; hosts that push to each other, while files come and go; and an
# edit that hits the receiver's file between its last look and the rename, or
# the sender's while it is read.  strace holds system calls up for that.

. "$TOP/tests/nodes.sh"

nodes_up a b c
[ "$MODE" = namespaces ] || {
	skip "races" "needs namespaces"
	exit 0
}
a=$(node_dir a) b=$(node_dir b)
key key a b c
settings() {
	config a b c <<END
group g {
	host @a@ @b@ @c@; key key; include @/srv/t; auto younger;
}
lock-timeout $1;
delete-guard off;
END
}
settings 12
for node in a b c; do
	mkdir "$(node_dir $node)/srv/t"
	serve $node || exit 1
done

# held NODE CALLS MILLISECONDS ARG...: a run that is held up at each of these.
held() {
	held=$1
	shift
	remember "$held" "$(pid_of "$held")"
	calls=$1
	delay=$2
	shift 2
	strace -f -qq -o "$OUT/trace" -e "trace=$calls" \
	    -e "inject=$calls:delay_enter=${delay}000" \
	    nsenter -t "$(pid_of "$held")" -m -n -u -- \
	    timeout 60 /usr/local/sbin/ucsync "$@"
}

called() {
	grep -q "$1" "$OUT/trace"
}

quiet() {
	run "$@"
	[ "$rc" -eq 0 ] && [ ! -s "$OUT/out" ] || {
		echo "exit $rc:"
		head -n 20 "$OUT/out"
		return 1
	}
}

has() {
	[ "$(cat "$2" 2>/dev/null)" = "$1" ] || {
		echo "$2: $(cat "$2" 2>&1)"
		return 1
	}
}

can_hold() {
	strace -o /dev/null -e trace=close -e inject=close:delay_enter=1 \
	    true 2>/dev/null
}

# Runs that overlap.  Each has an edit before it, and nothing comes after them.
echo 0 >"$a/srv/t/first"
check "a first run" quiet ucs a -xq
check "on all hosts" quiet ucs c -xq
i=0
waits=
while [ $i -lt 200 ]; do
	i=$((i + 1))
	echo $i >"$a/srv/t/f$((i % 90))"
	(
		status=0
		ucs a -xq >"said.$i" 2>&1 || status=$?
		echo $status >"rc.$i"
	) &
	waits="$waits $!"
done
# shellcheck disable=SC2086 # a list of numbers
wait $waits
check "200 runs end well" [ "$(cat rc.* | sort -u)" = 0 ]
check "and have nothing to say" [ -z "$(cat said.*)" ]
check "no edit waits for another run" same_tree a b /srv/t
check "on no host" same_tree a c /srv/t
settings 1
check "no mark is left" [ -z "$(find "$a/var/lib" -name '*.again')" ]

# Without strace the rest cannot be held up.
can_hold || {
	skip "held up" "needs strace"
	exit 0
}

# overlaps NAME CALLS MILLISECONDS FIRST SECOND: both end well, all is there.
overlaps() {
	round=$((${round:-0} + 1))
	echo "$round" >"$a/srv/t/one"
	: >"$OUT/trace"
	# shellcheck disable=SC2086 # options and files
	held a "$2" "$3" $4 >first 2>&1 &
	first=$!
	await "$2, called" called "$2"
	echo "$round" >"$a/srv/t/two"
	# shellcheck disable=SC2086
	run ucs a $5
	[ "$rc" -eq 0 ] || fail "$1" "the second: $rc $(head -n 3 "$OUT/out")"
	wait $first || fail "$1" "the first: $? $(head -n 3 first)"
	check "$1" same_tree a b /srv/t
}

for call in unlink connect access; do
	overlaps "held up at $call" $call 1800 -xq -xq
done
overlaps "a run of one file takes the mark of a whole one" connect 1800 \
    "-xq /srv/t/one" -xq
overlaps "a push does" connect 1800 -uq -xq
overlaps "one for a peer does" connect 1800 "-xq -P b" -xq
overlaps "one of one file does not leave it to others" connect 1800 \
    -xq "-xq /srv/t/two"
overlaps "nor does a check and push" connect 1800 -xq "-cuq /srv/t/two"
check "all have it" quiet ucs a -xq

# Two hosts that push to each other.
fill() {
	mkdir -p "$2"
	i=0
	while [ $i -lt 300 ]; do
		i=$((i + 1))
		echo "$1 $i" >"$2/f$i"
	done
}
now() {
	echo $(($(date +%s%N) / 1000000))
}
fill 1 "$a/srv/t/one-way"
begun=$(now)
ucs a -uq >/dev/null
run ucs a -cruq /srv/t
alone=$(($(now) - begun))
fill 2 "$a/srv/t/from-a"
fill 2 "$b/srv/t/from-b"
before="$(opens a) $(opens b)"
begun=$(now)
ucs a -xq -P b >first 2>&1 &
first=$!
run ucs b -xq -P a
wait $first
status=$?
both=$(($(now) - begun))
# shellcheck disable=SC2086 # two numbers
set -- $before
echo "# one way $alone ms, both ways at once $both ms"
check "two ways at once" [ "$rc$status" = 00 ]
check "with a connection each" [ "$(opens a) $(opens b)" = \
    "$(($1 + 1)) $(($2 + 1))" ]
check "at no more than five times the price of one" \
    [ "$both" -lt $((5 * alone + 1000)) ]
check "alike" same_tree a b /srv/t

# Files come and go, a hundred a second, on two hosts, while all three run.
writer() {
	i=0
	while [ ! -e stop ]; do
		i=$((i + 1))
		echo "$i" >"$1/$2$((i % 40))"
		rm -f "$1/$2$(((i + 20) % 40))"
		[ $((i % 7)) -ne 0 ] || mkdir -p "$1/$2d$((i % 3))"
		[ $((i % 7)) -ne 3 ] || echo "$i" >"$1/$2d$((i % 3))/in"
		[ $((i % 7)) -ne 5 ] || rm -rf "$1/$2d$(((i + 1) % 3))"
		sleep 0.01
	done 2>/dev/null
}
rm -f rc.* said.*
writer "$a/srv/t" wa &
writers=$!
writer "$b/srv/t" wb &
writers="$writers $!"
for round in 1 2 3 4 5 6; do
	waits=
	for node in a b c; do
		(
			status=0
			ucs $node -x >"said.$node$round" 2>&1 || status=$?
			echo $status >"rc.$node$round"
		) &
		waits="$waits $!"
	done
	# shellcheck disable=SC2086
	wait $waits
done
: >stop
# shellcheck disable=SC2086
wait $writers
check "while files come and go" [ "$(cat rc.* | sort -u)" = 0 ] ||
    grep . said.* | grep -v ' 0 failed\| updated, ' | head -n 5
check "nobody speaks of locks" [ -z "$(grep -i lock said.*)" ]
for node in a b c a b c; do
	quiet ucs $node -xq || fail "settling" "$node: $(cat "$OUT/out")"
done
check "then all are alike" same_tree a b /srv/t
check "all three" same_tree a c /srv/t

# An edit between look and rename: the receiver is held up.
mv "$b/usr/local/sbin/ucsync" "$b/usr/local/sbin/real"
cat >"$b/usr/local/sbin/ucsync" <<'END'
#!/bin/sh
# Holds up what the file says.
[ -s /srv/hold ] || exec /usr/local/sbin/real "$@"
read -r calls </srv/hold
exec strace -D -f -qq -o /srv/trace -e "trace=$calls" \
    -e "inject=$calls:delay_enter=1000000" /usr/local/sbin/real "$@"
END
chmod 755 "$b/usr/local/sbin/ucsync"

begun_there() {
	grep -q "$1" "$b/srv/trace"
}

deaf() {
	! listens b 30865
}

# again CALLS: the server anew, held up there.
again() {
	stop b
	await "the end of the server" deaf
	echo "$1" >"$b/srv/hold"
	[ -n "$1" ] || : >"$b/srv/hold"
	serve b
}

# meanwhile CALL WHAT: pushes, and does that while b is held up there.
meanwhile() {
	: >"$b/srv/trace"
	again "$1" || return 1
	ucs a -xq -P b >first 2>&1 &
	first=$!
	await "$1" begun_there "$1"
	(cd "$b/srv/t" && eval "$2")
	wait $first || {
		echo "-x: $?"
		cat first
	}
	again ''
}
# begin_with CMD...: both have the same, made by the commands on stdin.
begin_with() {
	rm -rf "$a/srv/t" && mkdir "$a/srv/t"
	(cd "$a/srv/t" && eval "$1")
	ucs a -xq && ucs a -xq && same_tree a b /srv/t
}

heal() {
	for node in b a b a; do
		ucs $node -xq -P "$(echo ab | tr -d $node)" || return 1
	done >healed 2>&1
	same_tree a b /srv/t
}

for way in 'echo mine >f' 'echo mine >n; mv n f' 'rm f; echo mine >f'; do
	begin_with 'echo old >f'
	echo theirs >"$a/srv/t/f"
	meanwhile renameat2 "$way"
	check "an edit by '$way' survives" has mine "$b/srv/t/f"
	check "and wins, being younger" heal
	check "everywhere" has mine "$a/srv/t/f"
	begin_with 'echo old >f; echo >g'
	rm "$a/srv/t/f"
	meanwhile renameat2 "$way"
	check "'$way' against a removal" has mine "$b/srv/t/f"
	check "alike" heal
	check "an edit younger than a removal stays" has mine "$a/srv/t/f"
	begin_with 'echo old >f; echo >g'
	(cd "$a/srv/t" && rm f && mkdir f && echo in >f/in)
	meanwhile renameat2 "$way"
	check "'$way' against another type" has mine "$b/srv/t/f"
	check "also alike" heal
done
begin_with 'mkdir d; echo 1 >d/f; echo >g'
rm -r "$a/srv/t/d"
meanwhile unlinkat 'echo mine >d/new'
check "a file made in a directory that goes" has mine "$b/srv/t/d/new"
check "brings it back" heal
check "there, too" has mine "$a/srv/t/d/new"
begin_with 'mkdir d; echo 1 >d/f; echo >g'
(cd "$a/srv/t" && rm -r d && echo file >d)
meanwhile renameat2 'echo mine >d/new'
check "a file made in one that becomes a file" has mine "$b/srv/t/d/new"
begin_with 'echo old >f; echo >g'
echo new >"$a/srv/t/n"
meanwhile renameat2 'echo mine >n'
check "a file made where one comes" has mine "$b/srv/t/n"
check "and it is the younger" heal
check "here" has mine "$a/srv/t/n"
begin_with 'echo old >f; echo >g'
chmod 600 "$a/srv/t/f"
meanwhile fchmod 'echo mine >f'
check "an edit while a mode is set" has mine "$b/srv/t/f"
heal >healed.diff 2>&1
check "for anybody" has mine "$a/srv/t/f"

# The sender's file changes while it is read.
begin_with 'echo old >f'
head -c 3000000 /dev/zero >"$a/srv/t/busy"
: >"$OUT/trace"
held a read 20 -xq -P b >first 2>&1 &
first=$!
while kill -0 $first 2>/dev/null; do
	echo more >>"$a/srv/t/busy"
	sleep 0.02
done
wait $first
check "what keeps changing is no error" [ $? -eq 0 ]
head -c 3000000 /dev/zero >"$a/srv/t/busy"
: >"$OUT/trace"
strace -f -qq -o "$OUT/trace" -e trace=openat,read \
    -e inject=read:delay_enter=20000 \
    nsenter -t "$(pid_of a)" -m -n -u -- \
    timeout 60 /usr/local/sbin/ucsync -c /srv/t/busy >first 2>&1 &
first=$!
while kill -0 $first 2>/dev/null; do
	echo more >>"$a/srv/t/busy"
	sleep 0.02
done
wait $first
check "a check neither" [ $? -eq 0 ]
check "it is read three times" [ "$(grep -c 'openat(.*"busy"' \
    "$OUT/trace")" -eq 3 ]
check "and left with a note" \
    grep -qx '/srv/t/busy keeps changing: left for the next run' first
check "the next run takes it" quiet ucs a -xq -P b
check "as it is then" same_tree a b /srv/t
echo 1 >"$a/srv/t/late"
: >"$OUT/trace"
held a connect 700 -xq -P b >first 2>&1 &
first=$!
await "the connection" called connect
echo 22 >"$a/srv/t/late"
wait $first
check "what changes after the check is no error" [ $? -eq 0 ]
check "nothing of it is there" [ ! -e "$b/srv/t/late" ]
check "and comes next time" quiet ucs a -xq -P b
check "whole" has 22 "$b/srv/t/late"
