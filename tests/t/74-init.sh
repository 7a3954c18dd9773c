#!/bin/sh
# SPDX-License-Identifier: ISC
#
# init: what it writes and says, what it refuses, that it never overwrites; and
# that what it says makes a cluster. Suggestions for words and options.

. "$TOP/tests/nodes.sh"

nodes_up a b
A=$(name a) B=$(name b)
dir=$(at a "/$SYSTEM")
da=$(node_dir a)/$SYSTEM

line 'no host' 1 "the hosts are needed with 'init'.*" ucs a init
line 'this host is not among them' 1 \
    "this host is called '$A', and is not among the hosts: add it.*-N" \
    ucs a init "$B" other
line 'this host alone' 1 "'$A' is this host: name the others, too" \
    ucs a init "$A"
line 'no name of a host' 1 "'b;include' is no name of a host" \
    ucs a init "$A" 'b;include'
line 'a host twice' 1 'these hosts make no config: .*each identity once.*' \
    ucs a init "$A" "$B" "x@$B"
check 'refused: nothing is written' [ -z "$(ls "$da")" ]
run ucs a init -d "$A" "$B"
cp "$OUT/out" "$OUT/dry"
check '-d: nothing is written' [ -z "$(ls "$da")" ]

gives 'what it says' 0 "$dir/ucsync.cfg and $dir/ucsync.key are written. Now:

1. Say what is to be kept alike: the line \"include\" in $dir/ucsync.cfg
2. Copy both files to each other host:
	cd $dir
	ssh $B mkdir -p $dir
	scp -p ucsync.cfg ucsync.key $B:$dir/
3. On each host see whether all is well, and start a server:
	ucsync configtest -v
	ucsync serve
4. Then, on any of them, after each change or from cron:
	ucsync sync" ucs a init "$A" "$B"
check '-d: shows what is written then' cmp "$OUT/dry" "$da/ucsync.cfg"
check 'the key: mode 0600' [ "$(stat -c %a "$da/ucsync.key")" = 600 ]
before=$(listing "$da")
line 'a config is there' 1 "$dir/ucsync.cfg is there: it is not overwritten.*" \
    ucs a init "$A" "$B"
mv "$da/ucsync.cfg" "$OUT/cfg"
line 'a key is there' 1 'key file .*/ucsync.key: there is one already;.*' \
    ucs a init "$A" "$B"
check 'a key is there: no config' [ ! -e "$da/ucsync.cfg" ]
mv "$OUT/cfg" "$da/ucsync.cfg"
check 'nothing is overwritten' [ "$(listing "$da")" = "$before" ]
run ucs a init -C two "$A" "($B)"
check '-C' grep -qx "	ucsync sync -C two" "$OUT/out"
check '-C: its config' grep -qx "	host $A ($B);" "$da/ucsync_two.cfg"
check '-C: its key' grep -qx '	key ucsync_two.key;' "$da/ucsync_two.cfg"
rm "$da/ucsync_two".*

# The first steps, with a copy in the place of scp.
sed "s|include /srv/cluster|include $R/srv/cluster|" "$da/ucsync.cfg" \
    >"$OUT/cfg"
[ -z "$R" ] || echo "prefix root { on $A: $(node_dir a);" \
    "on $B: $(node_dir b); }" >>"$OUT/cfg"
cat "$OUT/cfg" >"$da/ucsync.cfg"
cp -p "$da"/ucsync.* "$(node_dir b)/$SYSTEM/"
mkdir "$(node_dir a)/srv/cluster"
echo first >"$(node_dir a)/srv/cluster/file"
serve b
gives 'the first sync' 0 '' ucs a sync -q
check 'the first sync: alike' same_tree a b /srv
stop b

line 'a word nearly right' 1 \
    "no command 'snyc': did you mean 'sync'\\? See ucsync --help" "$UCSYNC" snyc
line 'a word far off' 1 "no command 'frob': see ucsync --help" "$UCSYNC" frob
line 'an option nearly right' 1 \
    "no option '--hepl': did you mean '--help'\\? See ucsync --help" \
    "$UCSYNC" sync --hepl
line 'an option far off' 1 "no option '--frobnicate': see ucsync --help" \
    "$UCSYNC" -x --frobnicate
