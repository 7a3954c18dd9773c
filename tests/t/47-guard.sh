# SPDX-License-Identifier: ISC
# The removal guard: a disk that is not mounted is not a removal, on neither
# side, and many removals at once have to be confirmed.

. "$TOP/tests/nodes.sh"

nodes_up a b
[ "$MODE" = namespaces ] || {
	echo "skip $TOPIC: needs namespaces"
	exit 0
}
key ucsync.key a b
config a b <<'C'
group g {
	host a b;
	key ucsync.key;
	include /srv/data;
}
C
on a mkdir -p /srv/data/sub
for i in 1 2 3 4 5; do on a sh -c "echo $i >/srv/data/sub/$i"; done
serve a
serve b
on a ucsync -x || fail "first sync" "exit $?"
same_tree a b /srv/data || fail "first sync" "trees differ"

# one line, nothing recorded, exit 1
on a mv /srv/data /srv/away
on a ucsync -x 2>"$OUT/err" && fail "lost root" "exit 0"
[ "$(grep -c 'no directory any more' "$OUT/err")" = 1 ] ||
	fail "lost root" "$(cat "$OUT/err")"
[ -e "$(node_dir b)/srv/data/sub/5" ] || fail "lost root" "removed on b"
ok "a lost root is no removal"

# what the other one sends does not fill the empty mount point
on b sh -c 'echo new >/srv/data/sub/5; echo 6 >/srv/data/sub/6'
on b ucsync -x 2>"$OUT/err" && fail "written below" "exit 0"
grep -q '^a: /srv/data/sub/5: /srv/data is no directory' "$OUT/err" ||
	fail "written below" "$(cat "$OUT/err")"
[ ! -e "$(node_dir a)/srv/data" ] || fail "written below" "it is there"
ok "nothing is written below a lost root"

on a mv /srv/away /srv/data
on b ucsync -x || fail "back" "exit $?"
same_tree a b /srv/data || fail "back" "trees differ"
ok "when it is back, all is well"

on a sh -c 'i=0; while [ $i -lt 40 ]; do : >/srv/data/m$i; i=$((i+1)); done'
on a ucsync -x || fail "many" "exit $?"
on a sh -c 'rm /srv/data/m*'
on a ucsync -x 2>"$OUT/err" && fail "many" "exit 0"
grep -q 'delete-guard' "$OUT/err" || fail "many" "$(cat "$OUT/err")"
[ -e "$(node_dir b)/srv/data/m39" ] || fail "many" "removed on b"
ok "many removals are held back"
on a ucsync -xy || fail "confirmed" "exit $?"
[ ! -e "$(node_dir b)/srv/data/m39" ] || fail "confirmed" "still on b"
same_tree a b /srv/data || fail "confirmed" "trees differ"
ok "and carried out with -y"
