#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Both sides changed the same thing: every method, in both orders of pushing,
# older and younger, smaller and bigger, removed here and edited there, one type
# against another.  After two more runs both sides have the same, the one that
# the method says; under `none` nothing is touched, and every push fails until
# -f says who is right.

. "$TOP/tests/nodes.sh"

TZ=UTC
export TZ
METHODS='none first younger older bigger smaller left right'
OLD=202106011200.00 SAME=202206011200.00 NEW=202306011200.00

nodes_up a b
key key a b
for method in $METHODS; do
	echo "group $method { host @a@ @b@; key key;"
	echo "include @/srv/t/$method; auto $method; }"
done >written
config a b <written
serve a && serve b || exit 1
a=$(node_dir a)/srv/t
b=$(node_dir b)/srv/t

cases() {
	for when in old same new; do
		for size in small equal big; do
			echo "$when-$size"
		done
	done
}

# born DIR: what both sides begin with.
born() {
	for method in $METHODS; do
		mkdir -p "$a/$method/$1"
		(
			cd "$a/$method/$1" || exit 1
			for file in $(cases) a-removed b-removed both-removed \
			    file-link file-dir same-edit; do
				echo base >"$file"
			done
			ln -s base link-link
			mkdir dir-file
		)
	done
}

# edit_a, edit_b: in one directory.
edit_a() {
	for when in old:$OLD same:$SAME new:$NEW; do
		for size in small:a equal:aaa big:aaaaa; do
			echo "${size#*:}" >"${when%:*}-${size%:*}"
		done
		touch -t "${when#*:}" "${when%:*}"-*
	done
	rm a-removed both-removed
	echo aaa | tee b-removed file-link file-dir same-edit >/dev/null
	chmod 700 dir-file
	ln -sf to-a link-link
}

edit_b() {
	for file in $(cases) a-removed same-edit; do
		echo bbb >"$file"
		touch -t $SAME "$file"
	done
	rm b-removed both-removed file-link file-dir
	echo aaa >same-edit
	ln -s to-b file-link
	mkdir file-dir
	ln -sf to-b link-link
	rmdir dir-file
	echo bbb >dir-file
}

edit() {
	for method in $METHODS; do
		(cd "$a/$method/$1" && edit_a)
		(cd "$b/$method/$1" && edit_b)
	done
}

# expected METHOD FILE FIRST: whose version stands, where that is certain.
expected() {
	case $1.$2 in
	first.*) echo "$3" ;;
	left.*) echo a ;;
	right.*) echo b ;;
	*.a-removed) echo b ;;
	*.b-removed) echo a ;;
	younger.new-*|older.old-*|bigger.*-big|smaller.*-small) echo a ;;
	younger.old-*|older.new-*|bigger.*-small|smaller.*-big) echo b ;;
	esac
}

# whose FILE: by its content; a removal is of who removed it.
whose() {
	case $(cat "$1" 2>/dev/null) in
	a*) echo a ;;
	b*) echo b ;;
	'') case $1 in
		*a-removed) echo a ;;
		*b-removed) echo b ;;
	esac ;;
	esac
}

winners() {
	for method in $METHODS; do
		[ "$method" != none ] || continue
		for file in $(cases) a-removed b-removed; do
			want=$(expected "$method" "$file" "$2")
			got=$(whose "$a/$method/$1/$file")
			[ -z "$want" ] || [ "$want" = "$got" ] ||
			    echo "$method: $file: $got wins, not $want"
		done
		same_tree a b "/srv/t/$method" || echo "$method: not alike"
	done >wrong 2>&1
	cat wrong
	[ ! -s wrong ]
}

conflicts() {
	grep -c "conflict on .*: $1" "$OUT/out"
}

# Under `none` every push names every conflict again, and touches nothing.
untouched() {
	for file in $(cases); do
		[ "$(whose "$a/none/$1/$file")" = a ] &&
		    [ "$(whose "$b/none/$1/$file")" = b ] || echo "$file"
	done >touched
	cat touched
	[ ! -s touched ]
}

expect_rc() {
	run ucs "$1" -x
	if [ "$rc" -ne "$2" ]; then
		fail "$3" "exit $rc of -x on $1"
		cat "$OUT/out"
	else
		ok "$3"
	fi
}

# phase FIRST SECOND: FIRST pushes first.
phase() {
	born "$1"
	expect_rc a 0 "$1 first: equal trees to begin with"
	edit "$1"
	expect_rc "$1" 1 "$1 first: none makes it fail"
	echo "# $(conflicts '.* wins') settled, $(conflicts 'left') left alone"
	cp "$OUT/out" said
	expect_rc "$2" 1 "$1 first: none makes the other one fail"
	expect_rc "$1" 1 "$1 first: and again"
	before=$(state_of a; state_of b)
	run ucs "$2" -x
	run ucs "$1" -x
	check "$1 first: the same conflicts are written down once" \
	    [ "$(state_of a; state_of b)" = "$before" ]
	check "$1 first: the right one wins" winners "$1" "$1"
	check "$1 first: none touches nothing" untouched "$1"
	check "$1 first: all of none is reported again" \
	    [ "$(conflicts ".*left alone")" -eq "$(grep -c 'left alone' said)" ]
	check "$1 first: what is the same is no conflict" \
	    sh -c '! grep "same-edit\|both-removed" said'
	settle "$1"
}

# One half is forced by each side.
settle() {
	for node in a b; do
		for file in $(cases); do
			case $node.$file in
			a.*-big|b.*-small|b.*-equal)
				echo "$(at $node "/srv/t/none/$1/$file")" ;;
			esac
		done >files
		xargs_ucs $node <files
	done
	for file in a-removed b-removed file-link link-link; do
		echo "$(at b "/srv/t/none/$1/$file")"
	done >files
	xargs_ucs b <files
	for file in file-dir dir-file; do
		echo "$(at a "/srv/t/none/$1/$file")"
	done >files
	xargs_ucs a -r <files
	run ucs a -x
	run ucs b -x
	expect_rc a 0 "$1 first: none settled by -f"
	check "$1 first: none is alike" same_tree a b /srv/t/none
	for file in $(cases); do
		case $file.$(whose "$a/none/$1/$file") in
		*-big.a|*-small.b|*-equal.b) ;;
		*) echo "$file: $(whose "$a/none/$1/$file")" ;;
		esac
	done >wrong
	check "$1 first: none as forced" [ ! -s wrong ]
	for node in a b; do
		check "$1 first: nothing is pending on $node" \
		    [ -z "$(ucs $node -M)" ]
	done
}

xargs_ucs() {
	node=$1
	shift
	set -- "$node" -f "$@"
	while read -r file; do
		set -- "$@" "$file"
	done
	run ucs "$@"
	[ "$rc" -eq 0 ] || {
		fail "-f on $node" "exit $rc"
		cat "$OUT/out"
	}
}

# reported LINE: the words of a conflict.
reported() {
	if grep -qxF "$1" said; then
		ok "the report says all"
	else
		fail "the report says all" "no line '$1'"
		grep "younger/a/new-small" said
	fi
}

phase a b
reported "$(name b): conflict on $R/srv/t/younger/a/new-small: here \
2023-06-01 12:00:00 UTC, 2 bytes, there 2022-06-01 12:00:00 UTC, 4 bytes: \
ours wins"
phase b a

# The same content with two times: who cannot set the younger one says so, and
# gets it with the next run.
same_time() {
	[ "$(stat -c %Y "$a/younger/twice")" = \
	    "$(stat -c %Y "$b/younger/twice")" ]
}
if [ "$MODE" = namespaces ] && on a sh -c "mount --bind /srv/t /srv/t &&
    umount /srv/t" 2>"$OUT/err"; then
	for node in a b; do
		echo old >"$(node_dir $node)/srv/t/younger/twice"
		ucs $node -xq >"$OUT/out" 2>&1
	done
	echo new >"$a/younger/twice"
	touch -t $OLD "$a/younger/twice"
	echo new >"$b/younger/twice"
	touch -t $NEW "$b/younger/twice"
	ucs a -cr / >"$OUT/out" 2>&1
	on a sh -c 'mount --bind /srv/t /srv/t &&
	    mount -o remount,bind,ro /srv/t'
	run ucs a -uq
	check "a time that cannot be set: exit 1" [ "$rc" -eq 1 ]
	check "a time that cannot be set: a line says it" grep -q \
	    '^b: /srv/t/younger/twice: .*Read-only file system$' "$OUT/out"
	on a umount /srv/t
	run ucs a -uq
	check "a time that cannot be set: the next run does" same_time
else
	skip "a time that cannot be set" "needs mounts"
fi
