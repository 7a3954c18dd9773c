#!/bin/sh
# SPDX-License-Identifier: ISC
#
# csync2's letters that need no peer, and -m, which does: exact output, order,
# exit codes, and what they change.

. "$TOP/tests/nodes.sh"

nodes_up a b
A=$(name a) B=$(name b)
tree=$(node_dir a)/srv/t
t=$(at a /srv/t)
T=$R/srv/t
tab=$(printf '\t')

# rows LINES...: each with tabs for its blanks.
rows() {
	for row; do
		printf '%s\n' "$row" | tr ' ' '\t'
	done
}

names() {
	"$@" | cut -f 2
}

# same NAME BEFORE: a's state is as it was.
same() {
	if [ "$(state_of a)" = "$2" ]; then
		ok "$1"
	else
		fail "$1" "the state changed"
	fi
}

configs() {
	config a b <<-END
	group g {
		host @a@ @b@;
		key k;
		include @/srv/t;
		exclude *.o;
		$1
		compare @/srv/cmp;
		auto none;
	}
	group h {
		host @a@ @b@;
		host other;
		key k;
		include @/srv/u/*/in;
	}
	END
}

configs ''
key k a b
mkdir -p "$tree/d/e" "$(node_dir a)/srv/cmp" "$(node_dir a)/srv/u/1/in" \
    "$(node_dir a)/srv/u/2"
echo one >"$tree/f"
echo two >"$tree/d/g"
echo obj >"$tree/x.o"
echo three >"$(node_dir a)/srv/cmp/c"
echo four >"$(node_dir a)/srv/u/1/in/h"

# -h, -H, and -c that works through them
gives '-H: none, exit 2' 2 '' ucs a -H
gives '-h' 0 '' ucs a -h "$t/f"
gives '-hr' 0 '' ucs a -hr "$t/d"
gives '-H: 0 or 1, tab, file' 0 "$(rows "1 $T/d" "0 $T/f")" ucs a -H
before=$(state_of a)
gives '-h again' 0 '' ucs a -h "$t/f" "$t/d"
same '-h again: writes nothing' "$before"
gives '-H: what is recursive stays so' 0 "$(rows "1 $T/d" "0 $T/f")" ucs a -H
gives '-h of what is not covered: a warning' 0 \
    "WARNING: Parameter will be ignored: /nowhere" ucs a -h /nowhere
gives '-h of what is not covered: kept' 0 \
    "$(rows "0 /nowhere" "1 $T/d" "0 $T/f" | LC_ALL=C sort -k 2)" ucs a -H
gives '-c: works through the hints' 0 '' ucs a -c
gives '-c: they are done' 2 '' ucs a -H
gives '-c: has checked them' 0 "$(rows "chary $A $B $T/d" \
    "chary $A $B $T/d/e" "chary $A $B $T/d/g" "chary $A $B $T/f")" \
    ucs a -M -P "$B"
line '-h without a file' 1 "no file to '-h'.*" ucs a -h
line '-H with a file' 1 "no files go with '-H'.*" ucs a -H "$t"

# -o
gives '-o: nothing named, nothing shown' 0 '' ucs a -o
gives '-o' 0 "$T/f" ucs a -o "$t/f" "$t/x.o" /nowhere
gives '-or: in order' 0 "$(printf '%s\n' "$T" "$T/d" "$T/d/e" "$T/d/g" \
    "$T/f")" ucs a -or "$t"
gives '-or /: also what is only compared' 0 "$(printf '%s\n' \
    "$R/srv/cmp" "$R/srv/cmp/c" "$T" "$T/d" "$T/d/e" "$T/d/g" "$T/f" \
    "$R/srv/u/1/in" "$R/srv/u/1/in/h")" ucs a -o -r /
gives '-o -G' 0 "$(printf '%s\n' "$R/srv/u/1/in" "$R/srv/u/1/in/h")" \
    ucs a -or -G h /
gives '-o -P' 0 "$(printf '%s\n' "$R/srv/u/1/in" "$R/srv/u/1/in/h")" \
    ucs a -or -P other /
line '-o -G of a group that is none' 1 \
    ".*'none'; configtest shows the groups" ucs a -or -G none /
run ucs a -or "$t"
check '-o: changes nothing' eval '! ucs a -L | grep -q "$T\$"'

# -c -G
gives '-c -G' 0 '' ucs a -cr / -G h
gives '-c -G: only that group' 0 "$(printf '%s\n' "$T/d" "$T/d/e" "$T/d/g" \
    "$T/f" "$R/srv/u/1/in" "$R/srv/u/1/in/h")" names ucs a -L
gives '-L -G' 0 "$(printf '%s\n' "$R/srv/u/1/in" "$R/srv/u/1/in/h")" \
    names ucs a -L -G h
gives '-M -G' 0 "$(rows "chary $A $B $R/srv/u/1/in" \
    "chary $A other $R/srv/u/1/in" "chary $A $B $R/srv/u/1/in/h" \
    "chary $A other $R/srv/u/1/in/h")" ucs a -M -G h
gives '-c of all' 0 '' ucs a -cr /

# -S
gives '-S: that pair' 0 "$(printf '%s\n' "$R/srv/u/1/in" \
    "$R/srv/u/1/in/h")" names ucs a -S "$A" other
run ucs a -L
cp "$OUT/out" "$OUT/all"
gives '-S: lines as of -L' 0 "$(cat "$OUT/all")" ucs a -S "$A" "$B"
gives '-S -G' 0 "$(grep -F "$R/srv/u" "$OUT/all")" ucs a -S "$A" "$B" -G h
gives '-S: no such peer, exit 2' 2 '' ucs a -S "$A" nobody
gives '-S: not our name, exit 2' 2 '' ucs a -S "$B" "$A"
line '-S with one name' 1 ".*'-S'.*" ucs a -S "$A"

# -m
gives '-cI: all known' 0 '' ucs a -crI /
serve b
run ucs a -x -G g
gives '-x: nothing is left for b of that group' 2 '' ucs a -M -P "$B" -G g
gives '-m' 0 '' ucs a -m "$t/f"
gives '-m: chary, for every peer' 0 "$(rows "chary $A $B $T/f")" \
    ucs a -M -G g
before=$(state_of a)
gives '-m again' 0 '' ucs a -m "$t/f"
same '-m again: writes nothing' "$before"
gives '-m: pushed' 0 '' ucs a -uq -G g
gives '-m: and done' 2 '' ucs a -M -G g
gives '-mr' 0 '' ucs a -mr "$t/d"
gives '-mr: all below' 0 "$(rows "chary $A $B $T/d" "chary $A $B $T/d/e" \
    "chary $A $B $T/d/g")" ucs a -M -G g
echo edit >>"$tree/f"
gives '-m of what changed' 0 '' ucs a -m "$t/f"
gives '-m of what changed: pushed' 0 '' ucs a -uq -G g
check '-m of what changed: there' same_tree a b /srv/t/f
gives '-mF' 0 '' ucs a -mF "$t/f"
gives '-mF: forced' 0 "$(rows "force $A $B $T/f")" ucs a -M -G g
gives '-mF: pushed' 0 '' ucs a -uq -G g
line '-m of what is not there' 1 '.*/none.*' ucs a -m "$t/none"
line '-m of what is excluded' 1 '.*/x\.o.*' ucs a -m "$t/x.o"
line '-m without a file' 1 "no file to '-m'.*" ucs a -m
gives '-m -d' 0 '' ucs a -md "$t/f"
gives '-m -d: nothing' 2 '' ucs a -M -G g
stop b

# -R
line '-R with -G' 1 'never run -R with -G.*' ucs a -R -G g
before=$(state_of a)
gives '-R: nothing to forget' 0 '' ucs a -R
same '-R: writes nothing' "$before"
gives '-m before -R' 0 '' ucs a -m "$t/d/g"
configs 'exclude @/srv/t/d;'
gives '-R -d' 0 "$(printf '%s\n' "Forgotten: $T/d" "Forgotten: $T/d/e" \
    "Forgotten: $T/d/g")" ucs a -Rvd
same '-R -d: changes nothing' "$(ucs a -L >"$OUT/all"; state_of a)"
check '-R -d: still known' grep -qF "$T/d/g" "$OUT/all"
gives '-R' 0 '' ucs a -R
gives '-R: forgotten' 0 "$(printf '%s\n' "$T" "$T/f")" names ucs a -L -G g
check '-R: the file is still there' [ -f "$tree/d/g" ]
configs ''
gives '-R: nothing of it is owed' 2 '' ucs a -M -G g
gives '-R: it is new again' 0 '' ucs a -cr "$t"
gives '-R: and pending' 0 "$(rows "chary $A $B $T/d" "chary $A $B $T/d/e" \
    "chary $A $B $T/d/g")" ucs a -M -G g

# -W, where the descriptor passes
watched() {
	: >"$OUT/dirs"
	# timeout and nsenter leave it open.
	ucs a "$@" 7>"$OUT/dirs"
	tr '\0' '\n' <"$OUT/dirs" | sed "s|^$(at a '')|$R|"
}
gives '-cr / -W' 0 "$(printf '%s\n' "$R/srv" "$T" "$T/d" "$T/d/e" \
    "$R/srv/u/1" "$R/srv/u/1/in")" watched -cr / -W 7
gives '-or DIR -W' 0 "$(printf '%s\n' "$T/d" "$T/d/e" "$T/d/g" \
    "$T/d" "$T/d/e")" watched -or "$t/d" -W 7
gives '-c -W: not recursive' 0 '' watched -c "$t" -W 7
ucs a -hr "$t/d"
gives '-c -W: of the hints' 0 "$(printf '%s\n' "$T/d" "$T/d/e")" \
    watched -c -W 7
line '-W that is not open' 1 "not open.*'99'.*" ucs a -cr / -W 99
line '-W that is no number' 1 "no descriptor 'x'.*" ucs a -cr / -W x

# -t, -s, -A, -B
stamp='TIMESTAMP: [0-9-]{10} [0-9:]{8} [A-Za-z0-9+-]+ \(GMT[+-][0-9]{4}\)'
stamps() {
	grep -cEx "$1$stamp" "$2"
	grep -cEx "$1TOTALTIME: [0-9]+:[0-9]{2}:[0-9]{2}" "$2"
	wc -l <"$2"
}
run ucs a -t -c
cp "$OUT/out" "$OUT/stamps"
gives '-t: when it began and ended' 0 "$(printf '2\n1\n3')" stamps '' \
    "$OUT/stamps"
run ucs a -t -f "$t/none"
check '-t: before each line' grep -qE \
    '^[0-9]{4}-[0-9-]{5}T[0-9:]{8}Z .*/none: not known' "$OUT/out"
gives '-s: nothing else' 0 '' ucs a -c -s "$OUT/times"
gives '-s: appends' 2 '' ucs a -H -s "$OUT/times"
gives '-s: the same lines' 0 "$(printf '4\n2\n6')" stamps '<[0-9]+> ' \
    "$OUT/times"
line '-s: cannot be written' 1 '.*/none/times: No such file.*' \
    ucs a -H -s "$OUT/none/times"
gives '-A -B: no effect' 2 '' ucs a -H -A -B

# -D and database: csync2's URLs
for url in "sqlite://$OUT/one" "sqlite3://$OUT/one/name.db3" \
    "sqlite2://$OUT//one/"; do
	mkdir "$OUT/one"
	gives "-D ${url%%:*}" 0 '' ucs a -cr / -D "$url"
	check "-D ${url%%:*}: the directory" [ -s "$OUT/one/$A.db" ]
	rm -r "$OUT/one"
done
line '-D with a password' 1 'database mysql://: the state is a file.*' \
    ucs a -M -D mysql://u:secret@h/d
line '-D pgsql' 1 'database pgsql://: the state is a file.*' \
    ucs a -M -D pgsql://h/d

# -G on a server: the other groups are not to be had there
serve b -G g
echo g >"$tree/g"
echo h >"$(node_dir a)/srv/u/1/in/h2"
mkdir -p "$(node_dir b)/srv/u/1/in"
echo b >"$(node_dir b)/srv/u/1/in/b"
gives '-ii -G: what b has for a' 0 '' ucs b -cr /
run ucs a -xqy -P "$B"
check '-ii -G: the others are denied, exit 1' eval '[ "$rc" -eq 1 ] &&
    grep -qx "$B: $R/srv/u/1/in/h2: Permission denied.*" "$OUT/out"'
check '-ii -G: that group is served' [ -f "$(node_dir b)/srv/t/g" ]
check '-ii -G: nothing else comes' [ ! -e "$(node_dir b)/srv/u/1/in/h2" ]
check '-ii -G: nor goes' [ ! -e "$(node_dir a)/srv/u/1/in/b" ]
stop b
serve b
gives '-ii: then all of it' 0 '' ucs a -xqy -P "$B"
check '-ii: comes' [ -f "$(node_dir b)/srv/u/1/in/h2" ]
check '-ii: and goes' [ -f "$(node_dir a)/srv/u/1/in/b" ]
stop b
