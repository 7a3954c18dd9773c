#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What the documents say: the files that README names exist, --help has the
# letters and words that the program accepts, and who starts as README shows it
# sees what README shows.

. "$TOP/tests/nodes.sh"

missing=
for file in $(grep -oE '(src|tests|openwrt|\.ci)/[A-Za-z0-9_./*-]*' \
    "$TOP/README" | sed 's/[.,]*$//' | sort -u); do
	# shellcheck disable=SC2086 # a pattern
	ls -d $TOP/$file >/dev/null 2>&1 || missing="$missing $file"
done
# In the tour a folder comes first, and then files of it.
for file in $(sed -n '/^    src/,/^$/p' "$TOP/README" |
    sed 's/^    \(src[^ ]*\) .*/\1 &/; t
    s/^/- /' | awk '$1 != "-" { dir = $1 } { for (i = 2; i <= NF; i++)
    if ($i ~ /^[a-z]+[.][ch][,;:]?$/) { sub(/[,;:]$/, "", $i)
    print dir $i } }'); do
	[ -f "$TOP/$file" ] || missing="$missing $file"
done
[ -z "$missing" ] && ok 'the files named in README exist' ||
    fail 'the files named in README exist' "not there:$missing"

# The promises name their tests, in parentheses at the end of each.
promises=$(sed -n '/^What it promises/,/^Building/p' "$TOP/README" |
    tr '\n' ' ' | grep -oE '\([^)]*\)' | tr '(),' '   ')
missing= counted=0
for test in $(echo "$promises" | tr ' ' '\n' | grep -xE '[a-z0-9-]+'); do
	counted=$((counted + 1))
	[ -f "$TOP/tests/t/$test.sh" ] || [ -f "$TOP/tests/unit/$test.c" ] ||
	    [ -f "$TOP/tests/fuzz/${test#fuzz-}.c" ] ||
	    [ -d "$TOP/tests/$test" ] || missing="$missing $test"
done
[ -z "$missing" ] && [ "$counted" -gt 20 ] &&
    ok 'the promises have their tests' ||
    fail 'the promises have their tests' "$counted, not there:$missing"

letters() {
	grep -o . | grep '[A-Za-z]' | sort -u | tr -d '\n'
}

shown=$("$UCSYNC" --help | grep -v '^usage' | grep -oE '(^| )-[A-Za-z]+' |
    letters)
# One that is known gives way to the value, or to what is no letter behind it.
taken=$(for letter in $(awk 'BEGIN { for (i = 65; i < 123; i++)
    printf "%c\n", i }' | grep '[A-Za-z]'); do
	"$UCSYNC" "-$letter-" 2>&1 | grep -q "no option '-$letter'" ||
	    echo "$letter"
done | letters)
[ -n "$taken" ] && [ "$shown" = "$taken" ] && ok '--help has every letter' ||
    fail '--help has every letter' "$shown in --help, $taken are taken"

words=$(sed -n 's/^	{ "\([a-z]*\)", MODE_.*/\1/p' "$TOP/src/main.c" | sort)
shown=$("$UCSYNC" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' | sort)
[ -n "$words" ] && [ "$shown" = "$words" ] && ok '--help has every word' ||
    fail '--help has every word' "$(echo $shown) in --help; $(echo $words)"

nodes_up alpha beta
if [ "$MODE" = loopback ]; then
	skip 'getting started' 'no namespaces'
	exit
fi
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
beta=$(node_dir beta)
rm -r "$(node_dir alpha)/etc/ucsync" "$beta/etc/ucsync" \
    "$beta/usr/local/sbin/ucsync"
stand_in_ssh alpha beta

# What differs from run to run.
plain() {
	sed -E 's/[0-9]{4}-[0-9-]+ [0-9:]+ UTC/TIME/
	s/[0-9]+ bytes sent, [0-9]+ received, [0-9]+ ms/BYTES/
	s/[0-9]+ B in [0-9.]+ s$/BYTES/
	s/met [0-9] seconds ago/met SECONDS ago/' "$1"
}

# said NAME FILE WANTED: FILE reads as README has it.
said() {
	plain "$2" >"$OUT/left"
	plain "$3" >"$OUT/right"
	[ -s "$OUT/right" ] && cmp -s "$OUT/left" "$OUT/right" && ok "$1" || {
		fail "$1" 'README (>) has it otherwise'
		diff "$OUT/left" "$OUT/right"
	}
}

awk -v out="$OUT/block." '
/^Getting started$/ { on = 1 }
/^What it says$/ { exit }
on && /^    / {
	if (!inside)
		n++
	inside = 1
	printf "%s%s\n", held, substr($0, 5) >(out n)
	held = ""
	next
}
/^$/ && inside {
	held = held "\n"
	next
}
{
	inside = 0
	held = ""
}' "$TOP/README"

# typed BLOCK: its commands on alpha, which show themselves and what they say.
typed() {
	sed -n 's/^alpha# //p' "$1" | while read -r line; do
		printf "cat <<'SHOWN'\nalpha# %s\nSHOWN\n%s\n" "$line" "$line"
	done >"$OUT/typed"
	run on alpha sh "$OUT/typed"
}

typed "$OUT/block.1"
said 'getting started: the first steps' "$OUT/out" "$OUT/block.1"
check 'getting started: the server' grep -qx 'beta# ucsync serve' \
    "$OUT/block.2"
serve beta
typed "$OUT/block.3"
said 'getting started: the first sync' "$OUT/out" "$OUT/block.3"
await 'what the server says' [ -s "$beta/server.log" ]
sed 1d "$OUT/block.2" >"$OUT/shown"
said 'getting started: what the server says' "$beta/server.log" "$OUT/shown"
echo back >"$beta/srv/cluster/hello"
serve alpha
check 'getting started: the other way' ucs beta sync
check 'getting started: alike' same_tree alpha beta /srv/cluster
