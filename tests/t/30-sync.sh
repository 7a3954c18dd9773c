#!/bin/sh
# SPDX-License-Identifier: ISC
# limit: 300
#
# Two thousand real files to two peers at once, and then what happens to files:
# after each run the trees are alike, nothing is pending anywhere, exit 0.

. "$TOP/tests/nodes.sh"

# alike NAME HOST: after a run on HOST nothing differs, nothing waits.
alike() {
	run ucs "$2" -x
	cp "$OUT/out" "$OUT/said"
	if [ "$rc" -ne 0 ]; then
		fail "$1" "exit $rc: $(tail -n 1 "$OUT/out")"
		return 1
	fi
	for other in b c; do
		same_tree a "$other" /srv/t >"$OUT/differs" || {
			fail "$1" "$(head -n 5 "$OUT/differs")"
			return 1
		}
	done
	for node in $NODES; do
		run ucs "$node" -M
		[ "$rc" -eq 2 ] && [ ! -s "$OUT/out" ] || {
			fail "$1" "-M on $node: $rc, $(head -n 1 "$OUT/out")"
			return 1
		}
	done
	ok "$1"
}

# quiet NAME HOST: a run there changes nothing and talks to nobody.
quiet() {
	before=$(state_of "$2")
	opened=$(opens "$2")
	run ucs "$2" -xv
	if [ "$rc" -ne 0 ] || grep -q Connecting "$OUT/out" ||
	    [ "$(opens "$2")" != "$opened" ]; then
		fail "$1" "exit $rc: $(head -n 1 "$OUT/out")"
	elif [ "$(state_of "$2")" != "$before" ]; then
		fail "$1" "the state was written"
	else
		ok "$1"
	fi
}

# Real files of this machine: two thousand, evenly taken from all of them.
fill() {
	mkdir "$tree"
	(cd /usr && find share include \( -type f -o -type l \) -size -256k \
	    2>/dev/null) | LC_ALL=C sort |
	    awk '{ l[NR] = $0 } END { for (i = 0; i < 2000 && NR; i++)
	    print l[int(i * NR / 2000) + 1] }' >"$OUT/list"
	tar -C /usr --no-recursion -T "$OUT/list" -cf - |
	    tar -C "$tree" -xpf -
	[ "$(find "$tree" ! -type d | wc -l)" -eq 2000 ]
}

# pick N TYPE: the Nth of the files.
pick() {
	find "$tree" -type "$2" | LC_ALL=C sort | sed -n "$1p"
}

nodes_up a b c
tree=$(node_dir a)/srv/t
config a b c <<'END'
group g {
	host @a@ @b@ @c@;
	key k;
	include @/srv/t;
	auto none;
}
END
key k a b c
serve b && serve c || exit 1

fill || fail 'two thousand files' "found $(find "$tree" | wc -l)"
alike 'two thousand files to two peers at once' a
for peer in b c; do
	grep -q "^$(name $peer): [0-9]* updated, 0 removed (" "$OUT/said" ||
	    fail 'a line for each peer' "$(cat "$OUT/said")"
done
quiet 'a run without a change' a

echo 'one line more' >>"$(pick 100 f)"
alike 'an edit' a
rm "$(pick 200 f)"
alike 'a removal' a
file=$(pick 300 f)
mv "$file" "$file.moved"
alike 'a rename' a
chmod 4751 "$(pick 400 f)"
alike 'a mode' a
touch -d '2001-02-03 04:05:06.123456789 UTC' "$(pick 450 f)"
alike 'a time alone is no edit, or arrives' a
ln -s /first "$tree/link" && alike 'a link' a
ln -sfn /second/target "$tree/link" && alike 'a link to another target' a

if [ "$(id -u)" -eq 0 ]; then
	chown 1234:4321 "$(pick 500 f)"
	chown -h 55:66 "$tree/link"
	alike 'an owner' a
	mknod "$tree/null" c 1 3 && mknod "$tree/block" b 7 200 &&
	    alike 'devices' a
	rm "$tree/null" && mknod "$tree/null" c 1 5 &&
	    alike 'a device of another number' a
else
	skip 'owners and devices' 'no root'
fi
mkfifo -m 640 "$tree/fifo" && alike 'a fifo' a

file=$(pick 600 f)
rm "$file" && mkdir "$file" && echo below >"$file/below" &&
    alike 'a file becomes a directory' a
rm -r "$file" && ln -s /nowhere "$file" &&
    alike 'a directory becomes a link' a
rm "$file" && mkfifo "$file" && alike 'a link becomes a fifo' a
rm "$file" && echo again >"$file" && alike 'a fifo becomes a file' a

dir=$tree/a/b
mkdir -p "$dir/c/d" && echo deep >"$dir/c/d/file" && alike 'a deep tree' a
mv "$tree/a" "$tree/z" && alike 'a directory under another name' a
rm -r "$tree/z" && alike 'a directory is removed' a
mkdir -m 700 "$tree/empty" && alike 'an empty directory' a
chmod 1777 "$tree/empty" && alike 'a mode of a directory' a
mkfifo "$(node_dir b)/srv/t/from-b"
echo 'from c' >"$(node_dir c)/srv/t/from-c"
serve a || exit 1
alike2() {
	run ucs b -x
	[ "$rc" -eq 0 ] || fail "$1" "exit $rc on b: $(head -n 1 "$OUT/out")"
	alike "$1" c
}
alike2 'edits on the two others'
quiet 'nothing to do on c' c
quiet 'nothing to do on a' a

: >"$tree/empty/nothing"
printf 'x%.0s' $(seq 3000) >"$tree/name with a space, \"quotes\", \\ and *"
printf 'tab\tand newline' >"$tree/$(printf 'tab\tand\nnewline')"
printf bytes >"$tree/$(printf '\377\376')"
dd if=/dev/urandom of="$tree/large" bs=1024 count=9000 2>/dev/null
alike 'strange names, an empty and a large file' a
printf changed | dd of="$tree/large" bs=1 seek=4000000 conv=notrunc 2>/dev/null
alike 'a change in a large file' a
awk '/updated/ { gsub("[(]", "")
    for (i = 1; i <= NF; i++) if ($i == "bytes" && $(i - 1) > 200000) bad = 1
    n++ } END { exit !n || bad }' "$OUT/said" &&
    ok 'only what changed of a large file travels' ||
    fail 'only what changed of a large file travels' "$(cat "$OUT/said")"
stop a
stop b
stop c
check 'servers had nothing to complain of' eval '! grep -hE \
    "signal|malformed|refused" "$NODES_DIR"/*/server.log'
