# SPDX-License-Identifier: ISC
# Three hosts: what a conflict with one ended in still reaches the third, and
# what one host got it hands on when the author is away.

. "$TOP/tests/nodes.sh"

nodes_up a b c
[ "$MODE" = namespaces ] || {
	echo "skip $TOPIC: needs namespaces"
	exit 0
}
key key a b c
config a b c <<'END'
group g { host a b c; key key; include /srv/t; auto none; }
END
for n in a b c; do
	mkdir -p "$(node_dir $n)/srv/t"
done
for n in a b c; do serve $n; done
on a sh -c 'echo base >/srv/t/f'
run ucs a -x
same_tree a c /srv/t && same_tree a b /srv/t || fail "first sync" "trees"

# both edit; a is forced through to b alone; c is still to be served
on a sh -c 'echo from a >/srv/t/f'
on b sh -c 'echo from b, longer >/srv/t/f'
run ucs a -x -P b
[ "$rc" -eq 1 ] || fail "conflict" "exit $rc"
run ucs a -f /srv/t/f
run ucs a -x -P b
[ "$rc" -eq 0 ] || fail "forced" "exit $rc"
run ucs a -M
grep -q "^force	a	c	/srv/t/f$" "$OUT/out" ||
    fail "pending for the third" "$(cat "$OUT/out")"
ok "after a conflict with one the other is still pending"
run ucs a -x
same_tree a c /srv/t && same_tree a b /srv/t || fail "third" "trees"
ok "and gets it"

# a reaches b only; a is away; c asks b
stop c
on a sh -c 'echo later >/srv/t/g'
run ucs a -x
[ "$rc" -eq 1 ] || fail "one is away" "exit $rc"
grep -q '^c: ' "$OUT/out" || fail "one is away" "$(cat "$OUT/out")"
same_tree a b /srv/t || fail "one is away" "b has it not"
stop a
serve c
rm -rf "$(node_dir c)"/run/ucsync
run ucs c -x
same_tree b c /srv/t || fail "relay" "$(cat "$OUT/out")"
ok "a change reaches a third host without its author"

# c edits what a had not told it: a conflict, not a silent overwrite
on a sh -c 'echo two >/srv/t/f'
run ucs a -x -P b
on c sh -c 'echo three >/srv/t/f'
run ucs c -x -P b
[ "$rc" -eq 1 ] || fail "lost update" "exit $rc"
grep -q '^b: conflict on /srv/t/f' "$OUT/out" ||
    fail "lost update" "$(cat "$OUT/out")"
ok "an edit of an old version is a conflict"
