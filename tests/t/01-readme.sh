#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What the documents say: the files that README names exist, --help has the
# letters and words that the program accepts, and the first cluster works as
# README shows it.

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
taken=$(sed -n 's/.*"+:\([A-Za-z:]*\)".*/\1/p' "$TOP/src/main.c" | letters)
[ -n "$taken" ] && [ "$shown" = "$taken" ] && ok '--help has every letter' ||
    fail '--help has every letter' "$shown in --help, $taken in main.c"

words=$(sed -n 's/^	{ "\([a-z]*\)", MODE_.*/\1/p' "$TOP/src/main.c" | sort)
shown=$("$UCSYNC" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' | sort)
[ -n "$words" ] && [ "$shown" = "$words" ] && ok '--help has every word' ||
    fail '--help has every word' "$(echo $shown) in --help; $(echo $words)"

nodes_up alpha beta
if [ "$MODE" = loopback ]; then
	skip 'the first cluster' 'no namespaces'
	exit
fi
sed -n '/^First cluster/,/^On beta/s/^    //p' "$TOP/README" |
    sed "s|^scp -rp /etc/ucsync .*|cp -rp /etc/ucsync $(node_dir beta)/etc|" \
    >"$OUT/first"
check 'the first cluster: its lines' on alpha sh -e "$OUT/first"
[ "$(wc -l <"$OUT/first")" -le 11 ] || fail 'the first cluster' 'too long'
serve beta
echo hello >"$(node_dir alpha)/srv/www/index.html"
check 'the first cluster: ucsync sync' ucs alpha sync
check 'the first cluster: alike' same_tree alpha beta /srv/www
echo back >"$(node_dir beta)/srv/www/index.html"
serve alpha
check 'the first cluster: the other way' ucs beta sync
check 'the first cluster: alike again' same_tree alpha beta /srv/www
