#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Killed in the middle: the server, and then the client, dies by signal 9 at
# random moments of pushes of some 300 mixed changes.  After each kill every
# name on the receiver is the old or the new thing, whole; after every fifth
# one -x on each side heals it all: exit 0, no conflict, equal trees, nothing
# left behind.  SEED (printed) chooses the moments.

. "$TOP/tests/nodes.sh"

KILLS=35
HEAL=5
: "${SEED:=1}"
echo "# SEED=$SEED"

# In memory: what is killed inside syncfs(2) would only die with all that this
# machine has to write just now.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
nodes_up a b
key key a b
config a b <<END
group g { host @a@ @b@; key key; include @/srv/t; }
END
serve b && serve a || exit 1
tree=$(node_dir a)/srv/t
mkdir "$tree" "$(node_dir b)/srv/t"

# mutate N: some 300 changes of a, the same for each N.
mutate() {
	mkdir -p "$tree/d$(($1 % 7))/e" "$tree/f"
	awk -v n="$1" -v tree="$tree" 'BEGIN {
		for (i = 0; i < 220; i++) {
			file = tree "/f/" i
			for (j = 0; j < 1 + (i * 7 + n) % 40; j++)
				print n, i, j, "some text of a line" >file
			close(file)
		}
		for (i = 0; i < 30; i++) {
			file = tree "/d" n % 7 "/e/" i
			print n, i, "in a directory" >file
			close(file)
		}
	}'
	rm -rf "$tree/d$((($1 + 3) % 7))" "$tree/turn" "$tree/gone$1"
	case $(($1 % 3)) in
	0) mkdir "$tree/turn" && echo "$1" >"$tree/turn/inside" ;;
	1) ln -s "target $1" "$tree/turn" ;;
	2) echo "$1" >"$tree/turn" ;;
	esac
	for i in 0 1 2 3 4 5 6 7 8 9; do
		ln -sfn "to $1 $i" "$tree/link$i"
	done
	chmod "6$(($1 % 5))0" "$tree"/f/21?
	mv -f "$tree/f/$(($1 % 100))" "$tree/f/new$(($1 % 2))"
	printf 'edit %s' "$1" | dd of="$tree/large" bs=1 \
	    seek=$(($1 * 100003)) conv=notrunc 2>/dev/null
}

things() {
	listing "$1/srv/t" | grep -v '/\.ucsync-'
}

# whole: what b has is a line of what a had since they were last alike, and
# names that a has had all the time are there.
whole() {
	things "$(node_dir b)" >has
	sort -u allowed >may
	LC_ALL=C comm -23 has may >part
	[ ! -s part ] || {
		echo "neither old nor new:"
		head -n 5 part
		return 1
	}
	find "$tree" "$(node_dir b)/srv/t" -name '[0-9fl]*' -path '*/f/2??' |
	    sed 's,.*/,,' | sort | uniq -u >vanished
	[ ! -s vanished ] || {
		echo "vanished: $(head -n 1 vanished)"
		return 1
	}
}

# launch NODE: a -x that runs in the background, itself $!.
launch() {
	if [ "$MODE" = namespaces ]; then
		setpriv --pdeathsig KILL nsenter -t "$(pid_of "$1")" \
		    -m -n -u -- /usr/local/sbin/ucsync -x >>launched 2>&1 &
	else
		start=
		in_place "$1" -x >>launched 2>&1 &
	fi
}

children() {
	cat "/proc/$1/task/$1/children" 2>/dev/null
}

gone() {
	for pid in $1; do
		! grep -q '^State:[[:space:]]*[^ZX[:space:]]' \
		    "/proc/$pid/status" || return 1
	done
}

idle() {
	[ -z "$(children "$1")" ]
}

# strike WHO MILLISECONDS: a push that is killed then.
strike() {
	launch a
	client=$!
	sleep "$(printf '%d.%03d' $(($2 / 1000)) $(($2 % 1000)))"
	case $1 in
	client) killed=$client ;;
	server) killed=$(pid_of server_b) ;;
	esac
	# the listener itself dies every other time
	doomed=$(children "$killed")
	[ "$1$(($2 % 2))" = server0 ] || doomed="$killed $doomed"
	[ -z "$doomed" ] || kill -KILL $doomed 2>/dev/null && hits=$((hits + 1))
	wait "$client" 2>/dev/null
	await "the dead" gone "$doomed"
	await "the end of the session" idle "$(pid_of server_b)"
	[ "$1" = client ] || kill -0 "$killed" 2>/dev/null || serve b
}

# healed: one -x on each side.
healed() {
	for node in a b; do
		run ucs $node -x
		if [ "$rc" -ne 0 ] || grep -i conflict "$OUT/out"; then
				echo "exit $rc of -x on $node"
			cat "$OUT/out"
			return 1
		fi
	done
	same_tree a b /srv/t || return 1
	! find "$(node_dir a)/srv" "$(node_dir b)/srv" -name '.ucsync-*' |
	    grep .
}

# storm WHO: all kills of one side.
storm() {
	hits=0
	kills=0
	things "$(node_dir b)" >allowed
	for moment in $(awk -v seed="$SEED$1" -v n=$KILLS \
	    -v top="$span" 'BEGIN {
		srand(seed + length(seed))
		for (i = 0; i < n; i++)
			print int(rand() * top)
	}'); do
		kills=$((kills + 1))
		generation=$((generation + 1))
		mutate $generation
		things "$(node_dir a)" >>allowed
		strike "$1" "$moment"
		whole >why || {
			fail "$1 killed" "kill $kills after $moment ms"
			cat why
			return
		}
		[ $((kills % HEAL)) -eq 0 ] || continue
		healed >why 2>&1 || {
			fail "$1 killed: healed" "after $kills kills"
			cat why launched "$(node_dir b)/server.log"
			return
		}
		things "$(node_dir b)" >allowed
	done
	echo "# $1: $hits of $kills kills hit something"
	ok "$1 killed: old or new, and healed"
}

head -c 8000000 /dev/urandom >"$tree/large"
generation=1
mutate 1
check "the first sync" ucs a -x
generation=2
mutate 2
begun=$(date +%s%N)
check "a push" ucs a -x
span=$((($(date +%s%N) - begun) / 1000000 + 10))
check "equal trees" same_tree a b /srv/t
echo "# a push takes $span ms"
storm server
storm client
