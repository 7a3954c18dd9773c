#!/bin/sh
# SPDX-License-Identifier: ISC
#
# -T, -TT and -TI: what is printed for which difference of two states, what is
# marked, and that the runs after it make them equal.

. "$TOP/tests/nodes.sh"

nodes_up a b c
A=$(name a) B=$(name b) C=$(name c)
T=$R/srv/t
t=$(at a /srv/t)
ours=$(node_dir a)/srv/t theirs=$(node_dir b)/srv/t
tab=$(printf '\t')

# differ LINES...: what -T prints, each "X me peer file".
differ() {
	for line; do
		printf '%s\n' "$line" | tr ' ' '\t'
	done
}

everything() {
	for node in $NODES; do
		state_of $node
		listing "$(node_dir $node)/srv"
	done
}

unchanged() {
	if [ "$(everything)" = "$2" ]; then
		ok "$1"
	else
		fail "$1" 'something changed'
	fi
}

config a b c <<'END'
group g {
	host @a@ @b@ @c@;
	key k;
	include @/srv/t;
	exclude *~;
	auto left;
}
group h {
	host @a@ @b@;
	key k;
	include @/srv/u;
	compare @/srv/cmp;
}
group i {
	host @a@ @c@;
	key k;
	include @/srv/cmp;
}
group j {
	host @b@ @c@;
	key k;
	include @/srv/cmp;
}
END
key k a b c
gives '-T: who is there?' 1 "$(ucs a -T 2>&1)" ucs a -T
[ "$(wc -l <"$OUT/out")" -eq 2 ] && grep -q "^$B: .*refused" "$OUT/out" &&
    grep -q "^$C: .*refused" "$OUT/out" && ok '-T: one line for each' ||
    fail '-T: one line for each' "$(cat "$OUT/out")"
for node in a b c; do
	serve $node
done
gives '-T: nothing is the same' 2 '' ucs a -T
gives '-TT: nothing is the same' 2 '' ucs a -TT
[ -z "$(state_of a)" ] || [ ! -s "$(node_dir a)/var/lib/ucsync/$A.db" ] &&
    ok '-T: makes no state' || fail '-T: makes no state' "$(state_of a)"

mkdir -p "$ours/d" "$ours/w" "$(node_dir a)/srv/u"
seq 20 >"$ours/f"
echo x >"$ours/d/g"
echo x >"$ours/d.x"
printf 'a\000b' >"$ours/bin"
seq 40000 | sed 's/$/ a longer line than this would be enough/' >"$ours/big"
echo mode >"$ours/mode"
echo typed >"$ours/type"
ln -s f "$ours/link"
echo u >"$(node_dir a)/srv/u/h"
gives 'a first sync' 0 '' ucs a -xq
gives '-T: all is the same' 2 '' ucs a -T
gives 'compare' 2 '' ucs a compare
gives 'diff' 2 '' ucs b diff
gives '-T: one pair' 2 '' ucs b -T "$B" "$A"
touch -d @1000000 "$ours/d/g"
gives '-T: a time' 0 '' ucs a -c -q "$t/d/g"
gives '-T: a time is no difference' 2 '' ucs a -T
gives 'a second sync' 0 '' ucs a -xq

# Every sort of difference.
seq 20 | sed 's/^5$/five/; s/^15$/fifteen/' >"$ours/f"
rm "$ours/d/g" "$ours/type"
rmdir "$ours/w"
mkdir "$ours/type" "$ours/newdir"
printf 'a\000c' >"$ours/bin"
seq 40000 | sed 's/$/ a longer line than that would be enough/' >"$ours/big"
chmod 600 "$ours/mode"
ln -sfn g "$ours/link"
printf 'no newline' >"$ours/d.x"
echo new >"$ours/new"
: >"$ours/empty"
echo hh >"$(node_dir a)/srv/u/h"
gives '-T: states, not disks' 2 '' ucs a -T
gives 'a check' 0 '' ucs a -cqr /
with_b=$(differ "X $A $B $T/big" "X $A $B $T/bin" "R $A $B $T/d/g" \
    "X $A $B $T/d.x" "L $A $B $T/empty" "X $A $B $T/f" "X $A $B $T/link" \
    "X $A $B $T/mode" "L $A $B $T/new" "L $A $B $T/newdir" \
    "X $A $B $T/type" "R $A $B $T/w")
with_c=$(echo "$with_b" | sed "s/$tab$B$tab/$tab$C$tab/")
u=$(differ "X $A $B $R/srv/u/h")
before=$(everything)
gives '-T' 0 "$with_b
$u
$with_c" ucs a -T
gives 'compare: the same' 0 "$with_b
$u
$with_c" ucs a compare
gives '-T me peer' 0 "$with_b
$u" ucs a -T "$A" "$B"
gives '-T peer me: from the other side' 0 "$(echo "$with_b
$u" | sed "s/^L/l/; s/^R/L/; s/^l/R/
    s/$tab$A$tab$B$tab/$tab$B$tab$A$tab/")" ucs b -T "$B" "$A"
gives '-T file' 0 "$(differ "X $A $B $T/f" "X $A $C $T/f")" ucs a -T "$t/f"
gives '-T me peer file' 0 "$(differ "X $A $C $T/f")" ucs a -T "$A" "$C" "$t/f"
gives '-T file: that is the same' 2 '' ucs a -T "$t/d"
gives '-T -r file: and what is below' 0 "$(differ "R $A $B $T/d/g" \
    "R $A $C $T/d/g")" ucs a -Tr "$t/d"
gives '-T -P' 0 "$with_c" ucs a -T -P "$C"
gives '-T -G' 0 "$u" ucs a -T -G h
gives '-T of hosts that are no pair' 1 "$(ucs a -T "$B" "$C" 2>&1)" \
    ucs a -T "$B" "$C"
grep -q "'$B'.*'$C'" "$OUT/out" && [ "$(wc -l <"$OUT/out")" -eq 1 ] &&
    ok '-T of hosts that are no pair: says so' ||
    fail '-T of hosts that are no pair: says so' "$(cat "$OUT/out")"
gives '-T of too much' 1 "only our name, a peer's, a file go with '-T': \
see ucsync --help" ucs a -T a b c d
gives '-TTT' 1 'two commands at once: see ucsync --help' ucs a -TTT
unchanged '-T: changes nothing anywhere' "$before"

# diffs OF FILE: as diff -u has it, with our names.
hunks() {
	printf '%s\n' "--- $B:$T/$1" "+++ $A:$T/$1"
	diff -Nu "$theirs/$1" "$ours/$1" | sed 1,2d
}

both() {
	printf '%s\n' "$1 $B:$T/$2 and $A:$T/$2 $3"
}

only() {
	printf '%s\n' "Only on $1:$T/$2"
}

all_diffs() {
	both Files big differ
	both 'Binary files' bin differ
	hunks d/g
	hunks d.x
	only "$A" empty
	hunks f
	both 'Symbolic links' link differ
	both Files mode 'are identical but for mode 0644 and 0600'
	hunks new
	only "$A" newdir
	printf '%s\n' "File $B:$T/type is a regular file while file \
$A:$T/type is a directory"
	only "$B" w
}
# with_path PATH ARGS...: a's -TT with that PATH.
if [ "$MODE" = namespaces ]; then
	with_path() {
		path=$1
		shift
		on a env PATH="$path" "/usr/local/sbin/$AS" -TT "$@"
	}
else
	with_path() (
		start="timeout $NODES_LIMIT env PATH=$1"
		shift
		in_place a -TT "$@"
	)
fi
gives '-TT' 0 "$(all_diffs)" ucs a -TT -G g -P "$B"
gives 'diff me peer file' 0 "$(hunks f)" ucs a diff "$A" "$B" "$t/f"
gives '-TT without diff' 0 "$(all_diffs)" with_path /nonexistent -G g -P "$B"
mkdir "$OUT/bin"
# told STATUS LINES...: a diff that says so.
told() {
	told=$1
	shift
	printf '%s\n' '#!/bin/sh' "printf '%s\\n' $*" \
	    "exit $told" >"$OUT/bin/diff"
	chmod +x "$OUT/bin/diff"
}
told 1 one two "'@@ three @@'"
gives '-TT: by the diff in PATH' 0 "--- $B:$T/f
+++ $A:$T/f
@@ three @@" with_path "$OUT/bin" "$A" "$B" "$t/f"
for bad in '2 one two @@' '1 one two three' '1 one' 0; do
	told $bad
	gives "-TT: a diff that fails: $bad" 0 "$(hunks f)" \
	    with_path "$OUT/bin" "$A" "$B" "$t/f"
done
unchanged '-TT: changes nothing anywhere' "$before"
[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'ucsync-??????' -newer \
    "$OUT/want")" ] && ok '-TT: leaves nothing in TMPDIR' ||
    fail '-TT: leaves nothing in TMPDIR' 'a directory is there'
echo now >"$ours/new"
gives '-TT: our side as it is now' 0 "$(hunks new)" ucs a -TT "$A" "$B" "$t/new"
echo later >"$theirs/f"
gives '-TT: theirs changed meanwhile' 0 "$(both Files f differ)" \
    ucs a -TT "$A" "$B" "$t/f"
gives 'a check there' 0 '' ucs b -cqr /
gives 'and here' 0 '' ucs a -cqr /

# One server is down: the other peer is compared.
stop b
run ucs a -T
[ "$rc" -eq 1 ] && [ "$(grep -c "^$B: " "$OUT/out")" -eq 1 ] &&
    [ "$(grep -v "^$B: " "$OUT/out")" = "$with_c" ] &&
    ok '-T: a server is down' || fail '-T: a server is down' \
    "$rc $(cat "$OUT/out")"
serve b
gives 'a third sync' 0 '' eval 'ucs a -xq 2>/dev/null'
gives 'a third sync: all is the same' 2 '' ucs a -T
gives 'a fourth sync' 0 '' ucs b -xq
gives 'a fourth sync: all is the same' 2 '' ucs b -T

# Compare patterns: a and b share /srv/cmp with c, and only compare it.
echo one >"$(node_dir a)/srv/cmp"
gives 'compare: on a' 0 '' ucs a -xq
gives 'compare: a has sent it to c' 2 '' ucs a -T "$A" "$C"
check 'compare: and not to b' [ ! -e "$(node_dir b)/srv/cmp" ]
gives 'compare: but it counts' 0 "$(differ "L $A $B $R/srv/cmp")" ucs a -T
gives 'compare: -TT' 0 "--- $B:$R/srv/cmp
+++ $A:$R/srv/cmp
@@ -0,0 +1 @@
+one" ucs a -TT
gives 'compare: -TI marks what may be sent' 0 \
    "$(differ "L $A $B $R/srv/cmp")" ucs a -TI
gives 'compare: that is, only for c' 2 '' ucs a -M -P "$B"
gives 'compare: c brings it' 0 '' ucs c -xq
gives 'compare: the same' 2 '' ucs a -T

# -TI. With -cI states know of changes that nobody will send.
quiet() {
	ucs a -cqIr "$t" && ucs b -cqIr "$(at b /srv/t)"
}
pending() {
	for pend; do
		printf '%s\n' "$pend" | tr ' ' '\t'
	done
}
echo quiet >"$ours/q1"
echo quiet >>"$ours/f"
echo quiet >"$theirs/q2"
check '-TI: quiet changes' quiet
gives '-TI: nothing is pending' 2 '' ucs a -M
before=$(everything)
gives '-TId' 0 "$(differ "X $A $B $T/f" "L $A $B $T/q1" "R $A $B $T/q2")" \
    ucs a -TId -P "$B"
unchanged '-TId: changes nothing' "$before"
gives '-TIU' 0 "$(differ "X $A $B $T/f" "L $A $B $T/q1" "R $A $B $T/q2")" \
    ucs a -TIU "$A" "$B"
gives '-TIU: for that peer alone' 0 "$(pending "chary $A $B $T/f" \
    "chary $A $B $T/q1")" ucs a -M
gives '-TI' 0 "$(differ "X $A $B $T/f" "L $A $B $T/q1" "R $A $B $T/q2")" \
    ucs a -TI "$A" "$B"
gives '-TI: for all peers' 0 "$(pending "chary $A $B $T/f" "chary $A $C $T/f" \
    "chary $A $B $T/q1" "chary $A $C $T/q1")" ucs a -M
gives '-TI: then -u' 0 '' ucs a -uq
gives '-TI: what is left' 0 "$(differ "R $A $B $T/q2")" ucs a -T
before=$(state_of a)
gives '-TI: marks no removals' 0 "$(differ "R $A $B $T/q2")" ucs a -TI
[ "$(state_of a)" = "$before" ] && ok '-TI: writes nothing then' ||
    fail '-TI: writes nothing then' "the state changed"
gives '-TIXU' 0 "$(differ "R $A $B $T/q2")" ucs a -TIXU
gives '-TIXU: a removal, for that peer alone' 0 \
    "$(pending "chary $A $B $T/q2")" ucs a -M
gives '-TIX: then -x' 0 '' ucs a -xq
check '-TIX: it is gone' [ ! -e "$theirs/q2" ]
gives '-TIX: all is the same' 2 '' ucs a -T
check '-TIX: all is alike' same_tree a b /srv/t
echo again >"$theirs/q2"
echo new >"$theirs/q3"
check '-TIX: both come again, quietly' quiet
gives '-TIX: a removal that is known, and a new one' 0 \
    "$(differ "R $A $B $T/q2" "R $A $B $T/q3")" ucs a -TIX
gives '-TIX: for all' 0 "$(pending "chary $A $B $T/q2" "chary $A $C $T/q2" \
    "chary $A $B $T/q3" "chary $A $C $T/q3")" ucs a -M
gives '-TIX: then -x' 0 '' eval 'ucs a -xq 2>/dev/null'
gives '-TIX: all is the same' 2 '' ucs a -T
check '-TIX: all is alike again' same_tree a b /srv/t
echo theirs >"$theirs/q4"
quiet
echo ours, unseen >"$ours/q4"
gives '-TIX: what no check has seen is not removed' 1 \
    "$(ucs a -TIXq 2>&1)" ucs a -TIXq
check '-TIX: it says so' grep -q "$T/q4 is there.*-c $T/q4" "$OUT/out"
check '-TIX: still there' grep -q unseen "$ours/q4"
gives '-x of both' 0 '' eval 'ucs a -xq 2>/dev/null'
gives '-x of both: and c has what won' 0 '' ucs a -xq
check '-x of both: alike' same_tree a b /srv/t

# -TIF
forced() {
	for pend; do
		printf 'force\t%s\n' "$pend" | tr ' ' '\t'
	done
}
echo quiet, forced >"$ours/q1"
echo theirs >"$theirs/q5"
quiet
gives '-TIFU' 0 "$(differ "X $A $B $T/q1" "R $A $B $T/q5")" ucs a -TIFU -P "$B"
gives '-TIFU: forced, for that peer alone' 0 "$(forced "$A $B $T/q1")" ucs a -M
gives '-TIFX' 0 "$(differ "X $A $B $T/q1" "R $A $B $T/q5")" ucs a -TIFX -P "$B"
gives '-TIFX: forced, for all' 0 "$(forced "$A $B $T/q1" "$A $C $T/q1" \
    "$A $B $T/q5" "$A $C $T/q5")" ucs a -M
echo 'an edit there' >"$theirs/q5"
echo 'an edit there' >"$theirs/q1"
gives '-TIFX: then -x' 0 '' eval 'ucs a -xq 2>/dev/null'
check '-TIFX: wins over an edit' same_tree a b /srv/t
check '-TIFX: everywhere' same_tree a c /srv/t
check '-TIFX: it is ours' grep -qx 'quiet, forced' "$theirs/q1"
check '-TIFX: it is gone' [ ! -e "$theirs/q5" ]

# The guard: what a node without its state lacks is not what all must lose.
for i in $(seq 60); do
	echo $i >"$theirs/d/n$i"
done
quiet
run ucs a -TIX -P "$B"
[ "$rc" -eq 1 ] && grep -q 'of .* files are gone.*-y' "$OUT/out" &&
    ok '-TIX: the guard' || fail '-TIX: the guard' "$rc $(tail -n 3 "$OUT/out")"
gives '-TIX: the guard has marked nothing' 2 '' ucs a -M
run ucs a -TIXqy -P "$B"
gives '-y: means it' 0 '' ucs a -xqy
check '-y: removed' [ ! -e "$theirs/d/n60" ]
gives '-y: all is the same' 2 '' ucs a -T
