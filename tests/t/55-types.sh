#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What a name stands for changes: every type into every other, alone and against
# a change of the same name elsewhere; owner, mode and removal against an edit;
# -f before and after a conflict shows, also over a third host.

. "$TOP/tests/nodes.sh"

TYPES='file dir link fifo'
nodes_up a b c
A=$(name a) B=$(name b)
T=$R/srv/t
ta=$(node_dir a)/srv/t
tb=$(node_dir b)/srv/t
tc=$(node_dir c)/srv/t

# become PATH TYPE TEXT: the name is that now, whatever it was.
become() {
	rm -rf "$1"
	case $2 in
	file) echo "$3" >"$1" ;;
	dir) mkdir "$1" && echo "$3" >"$1/f" && mkdir "$1/d" &&
	    ln -s "$3" "$1/d/l" ;;
	link) ln -s "$3" "$1" ;;
	fifo) mkfifo -m 600 "$1" ;;
	gone) ;;
	esac
}

has() {
	[ "$(cat "$(node_dir "$1")/srv/t/$3")" = "$2" ]
}

# cluster METHOD: a, b and c with that, and nothing in their trees.
cluster() {
	config a b c <<-END
	group g {
		host @a@ @b@ @c@;
		key k;
		include @/srv/t;
		exclude *.keep;
		auto $1;
	}
	END
	for node in a b c; do
		dir=$(node_dir $node)
		rm -rf "$dir/srv/t" "$dir/var/lib/ucsync"
		rm -f "$dir/run/ucsync/"*
		mkdir "$dir/srv/t"
	done
}

# all_alike NAME: the trees are, nothing is left to say.
all_alike() {
	check "$1: b is like a" same_tree a b /srv/t
	check "$1: c is like a" same_tree a c /srv/t
	for node in a b c; do
		run ucs $node -xq
		[ "$rc" -eq 0 ] && [ ! -s "$OUT/out" ] ||
		    fail "$1: $node has nothing to say" "$rc $(cat "$OUT/out")"
		run ucs $node -M
		[ "$rc" -eq 2 ] || fail "$1: nothing pending on $node" \
		    "$(cat "$OUT/out")"
	done
}

quiet_run() {
	run ucs "$@"
	[ "$rc" -eq 0 ] && [ ! -s "$OUT/out" ] ||
	    fail "ucs $*" "exit $rc: $(head -n 3 "$OUT/out")"
}

key k a b c
cluster none
serve a
serve b
serve c

# Alone: each into each other one, and back.
for from in $TYPES; do
	for to in $TYPES; do
		become "$ta/$from-$to" $from old
	done
done
quiet_run a -xq
check 'every type: on b' same_tree a b /srv/t
for from in $TYPES; do
	for to in $TYPES; do
		become "$ta/$from-$to" $to new
	done
done
quiet_run a -xq
all_alike 'each into each'
for from in $TYPES; do
	for to in $TYPES; do
		become "$tc/$from-$to" $from back
	done
done
quiet_run c -xq
all_alike 'and back, from another host'

# A directory in which something lives that is not synced.
echo mine >"$tb/dir-file/x.keep"
become "$ta/dir-file" file new
run ucs a -xq -P "$B"
[ "$rc" -eq 1 ] && grep -q "^$B: $T/dir-file: .*not empty" "$OUT/out" &&
    ok 'what is not synced stays: exit 1, and why' ||
    fail 'what is not synced stays: exit 1, and why' "$rc $(cat "$OUT/out")"
check 'what is not synced stays' has b mine dir-file/x.keep
rm "$tb/dir-file/x.keep"
quiet_run a -xq
all_alike 'as soon as it is gone'

# Against a change elsewhere: the one on the left wins, all are alike.
CHANGES="edit $TYPES gone"
change() {
	[ "$2" != edit ] || set -- "$1" file "edited $3"
	become "$1" "$2" "$3"
}

# is PATH CHANGE TEXT: PATH looks as change left it.
is() {
	case $2 in
	edit) [ ! -L "$1" ] && [ "$(cat "$1")" = "edited $3" ] ;;
	file) [ ! -L "$1" ] && [ "$(cat "$1")" = "$3" ] ;;
	dir) [ ! -L "$1" ] && [ "$(cat "$1/f")" = "$3" ] ;;
	link) [ "$(readlink "$1")" = "$3" ] ;;
	fifo) [ ! -L "$1" ] && [ -p "$1" ] ;;
	gone) [ ! -e "$1" ] && [ ! -L "$1" ] ;;
	esac || {
		echo "${1##*/} is not $2 $3:"
		ls -ld "$1"
	}
}

# A new directory stays, since what is in it is new, too.
as_left() {
	for x in $CHANGES; do
		for y in $CHANGES; do
			if [ $x != dir ] && [ $y = dir ]; then
				is "$ta/$x-$y" dir 'right, and longer'
			else
				is "$ta/$x-$y" $x left
			fi
			is "$ta/dir-$x-$y" $x left
		done
	done >"$OUT/differs" 2>&1
	cat "$OUT/differs"
	[ ! -s "$OUT/differs" ]
}

for method in left younger; do
	cluster $method
	for x in $CHANGES; do
		for y in $CHANGES; do
			echo old >"$ta/$x-$y"
			become "$ta/dir-$x-$y" dir old
		done
	done
	quiet_run a -xq
	for x in $CHANGES; do
		for y in $CHANGES; do
			change "$ta/$x-$y" $x left
			change "$ta/dir-$x-$y" $x left
		done
	done
	for x in $CHANGES; do
		for y in $CHANGES; do
			change "$tb/$x-$y" $y 'right, and longer'
			change "$tb/dir-$x-$y" $y 'right, and longer'
		done
	done
	for round in 1 2; do
		run ucs b -xqy
		run ucs a -xqy
		run ucs c -xqy
	done
	check "$method: exit 0 in the end" [ "$rc" -eq 0 ]
	all_alike "$method: type against type"
	[ $method = younger ] || check "$method: as on the left" as_left
done

# Owner and mode against an edit; a removal against an edit.
cluster none
for i in mode owner dir removed; do
	echo $i >"$ta/$i"
done
quiet_run a -xq
chmod 600 "$ta/mode"
echo edit >"$tb/mode"
[ "$(id -u)" -ne 0 ] || chown 12:34 "$ta/owner"
chmod 640 "$tb/owner"
rm "$ta/removed"
echo edit >"$tb/removed"
run ucs b -xq -P "$A"
check 'none: exit 1' [ "$rc" -eq 1 ]
for i in mode removed; do
	check "none: $i against edit is named" grep -q "conflict on $T/$i" \
	    "$OUT/out"
done
check 'none: left alone here' eval '[ ! -e "$ta/removed" ] &&
    [ "$(stat -c %a "$ta/mode")" = 600 ] && has a mode mode'
check 'none: left alone there' eval 'has b edit removed && has b edit mode'
for method in younger older bigger smaller; do
	cluster $method
	for i in mode removed other; do
		echo $i >"$ta/$i"
	done
	touch -d '1 hour ago' "$ta/mode"
	quiet_run a -xq
	chmod 600 "$ta/mode"
	echo edit, longer >"$tb/mode"
	rm "$ta/removed" "$tb/other"
	echo edit >"$tb/removed"
	echo edit >"$ta/other"
	case $method in
	younger|bigger) wins='edit, longer' ;;
	*) wins=mode ;;
	esac
	run ucs a -xq
	check "$method: chmod against edit" has a "$wins" mode
	check "$method: removal against edit" has a edit removed
	check "$method: edit against removal" has b edit other
	run ucs b -xq
	run ucs c -xq
	all_alike "$method"
done

# -f, the conflict being known or not, by whoever has the version.
for when in before after; do
	for by in a c; do
		cluster none
		for i in f d gone; do
			echo $i >"$ta/$i"
		done
		quiet_run a -xq
		echo right >"$ta/f"
		become "$ta/d" dir right
		rm "$ta/gone"
		ucs a -xq -P "$(name c)"
		for i in f d gone; do
			echo wrong, longer >"$tb/$i"
		done
		if [ $when = after ]; then
			run ucs b -xq
			check "-f $when, by $by: a conflict first" \
			    [ "$rc" -eq 1 ]
		else
			quiet_run b -cqr "$(at b /srv/t)"
		fi
		quiet_run $by -fr "$(at $by /srv/t/f)" "$(at $by /srv/t/d)" \
		    "$(at $by /srv/t/gone)"
		run ucs $by -xq
		check "-f $when, by $by: exit 0" [ "$rc" -eq 0 ]
		check "-f $when, by $by: wins" eval 'has b right f &&
		    has b right d/f && [ ! -e "$tb/gone" ]'
		run ucs a -xq
		run ucs b -xq
		all_alike "-f $when, by $by"
	done
done
# A conflict that nobody settles costs no transfer and no writing each time.
cluster none
become "$ta/d" file one
become "$tb/d" dir two
head -c 100000 /dev/urandom >"$tb/d/big"
run ucs a -xq
run ucs b -xq
check "a file against a directory: a conflict" [ "$rc" -eq 1 ]
run ucs a -xq
run ucs b -xq
for node in a b c; do
	state_of $node
done >"$OUT/before"
run ucs b -xq
check "once more: still one" [ "$rc" -eq 1 ]
for node in a b c; do
	state_of $node
done >"$OUT/after"
check "once more: no state is written" cmp -s "$OUT/before" "$OUT/after"
check "once more: both stand" eval 'has a one d && has b two d/f'

for node in a b c; do
	stop $node
done
