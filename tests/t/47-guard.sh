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

# says STATUS REGEX CMD...: exits so, with that one line on stderr.
says() {
	want=$1
	regex=$2
	shift 2
	run "$@"
	[ "$rc" -eq "$want" ] && [ "$(wc -l <"$OUT/out")" -eq 1 ] &&
	    grep -qE -- "$regex" "$OUT/out" || {
		echo "exit $rc, not $want, or not one line '$regex':"
		cat "$OUT/out"
		return 1
	}
}

# quiet CMD...: exit 0 and not a word.
quiet() {
	run "$@"
	[ "$rc" -eq 0 ] && [ ! -s "$OUT/out" ] || {
		echo "exit $rc:"
		cat "$OUT/out"
		return 1
	}
}

# files NODE DIR N: so many of them.
files() {
	on "$1" sh -c 'mkdir -p "$0" && cd "$0" && i=0
	while [ $i -lt "$1" ]; do
		i=$((i + 1)); echo "$0 $i" >"f$i"
	done' "$2" "$3"
}

count() {
	[ "$(on "$1" find "$2" -type f | wc -l)" -eq "$3" ]
}

# What was walked decides, not more.
config a b <<'C'
group g { host a b; key ucsync.key; include /srv/g; }
group h {
	host a b; key ucsync.key;
	include /srv/h; exclude /srv/h/*.own /srv/h/*/*.own;
}
C
files a /srv/g/sub 30
files a /srv/g 70
files a /srv/h 30
check "two groups" quiet ucs a -xq
on a sh -c 'rm /srv/h/f* /srv/g/f1 /srv/g/f2'
check "each group has a half of its own" says 1 \
    '^group h: 30 of 31 files are gone: .*delete-guard 50' ucs a -xq
check "what is held back stays there" count b /srv/h 30
check "the other group's removals go" count b /srv/g 98
on a sh -c 'rm /srv/g/sub/f*'
check "a part of the tree is not all of the group" \
    quiet ucs a -crq /srv/g/sub
check "the rest stays held back" says 1 '^group h: 30 of 31' ucs a -xq
check "so it is carried out" count b /srv/g 68
check "confirmed for one place" quiet ucs a -cyrq /srv/h
check "then a run carries it out" quiet ucs a -xq
check "they are gone there" count b /srv/h 0
on a mv /srv/g/f3 /srv/h
on a sh -c 'mkdir /srv/away; mv /srv/g/f* /srv/away'
check "what is in the other group now does not count" \
    says 1 '^group g: 6[0-9] of 70' ucs a -xq
on a sh -c 'mv /srv/away/* /srv/g'
check "moved back" quiet ucs a -xq
on a sh -c 'mkdir /srv/g/new; mv /srv/g/f* /srv/g/new'
check "files that only moved are no half" quiet ucs a -xq
check "alike" same_tree a b /srv/g

config a b <<'C'
group g { host a b; key ucsync.key; include /srv/g; }
delete-guard 20;
C
on a sh -c 'cd /srv/g/new && rm f1?; mkdir /srv/g/x'
on a sh -c 'cd /srv/g/new && rm f2? f3? f4?'
check "delete-guard 20" says 1 '^group g: .*delete-guard 20' ucs a -xq
config a b <<'C'
group g { host a b; key ucsync.key; include /srv/g; }
delete-guard off;
C
on a sh -c 'rm -r /srv/g/new/*'
check "delete-guard off" quiet ucs a -xq
check "all gone" count b /srv/g 0

# A session that meets what is gone, and no check has seen that; removals win.
config a b <<'C'
group g { host a b; key ucsync.key; include /srv/g; auto right; }
C
files a /srv/g/seen 100
check "many files" quiet ucs a -xq
on b sh -c 'rm /srv/g/seen/*'
on a sh -c 'for f in /srv/g/seen/f?; do echo edited >$f; done'
check "a few removals against edits are conflicts" eval \
    'run ucs a -xq; [ "$(grep -c conflict "$OUT/out")" -eq 9 ]'
on a sh -c 'for f in /srv/g/seen/f??*; do echo edited >$f; done'
run ucs a -xq
check "of many no more than twenty in all" \
    [ "$(grep -c conflict "$OUT/out")" -eq 11 ]
check "the others are told of" [ "$(grep -c \
    '^b: /srv/g/seen/f[0-9]*: it is gone there, like 20 others that no check' \
    "$OUT/out")" -eq 80 ]
check "and stay" count a /srv/g/seen 80
run ucs a -xq
check "nor with the next session" count a /srv/g/seen 80
run ucs b -xq
check "nor by what that host's run meets" count a /srv/g/seen 80
check "its check holds them back, too" \
    grep -q '^group g: 80 of [0-9]* files are gone' "$OUT/out"
run ucs b -cyrq /srv
check "confirmed in a part" count a /srv/g/seen 80
run ucs b -xyq
check "with -y they go" count a /srv/g/seen 0
files a /srv/g/seen 30
check "others come" quiet ucs a -xq
on b sh -c 'rm /srv/g/seen/f?'
on a sh -c 'for f in /srv/g/seen/f?; do echo edited >$f; done'
check "and the count began again" eval \
    'run ucs a -xq; [ "$(grep -c conflict "$OUT/out")" -eq 9 ]'
on a sh -c 'rm -r /srv/g/seen'
check "they go" quiet ucs a -xyq

# Not walked is not removed.
files a /srv/g/one 3
files a /srv/g/two 3
check "two directories" quiet ucs a -xq
on a rm -r /srv/g/one /srv/g/two
check "only the argument counts" quiet ucs a -xrq /srv/g/one
check "its files are gone" [ ! -e "$(node_dir b)/srv/g/one" ]
check "the others not" count b /srv/g 3
config a b <<'C'
group g { host a b; key ucsync.key; include /srv/other; }
C
check "an include that is gone removes nothing" quiet ucs a -xq
check "they are still there" count b /srv/g 3
config a b <<'C'
group g {
	host a b; key ucsync.key;
	include /srv/g; exclude /srv/g/*/*.own;
}
C
check "included again" quiet ucs a -xq
check "now they go" count b /srv/g 0
files a /srv/g/dark 3
check "one to be hidden" quiet ucs a -xq
on a sh -c 'rm /srv/g/dark/f1; chmod 0 /srv/g/dark'
powerless='setpriv --bounding-set=-dac_override,-dac_read_search'
if on a $powerless ls /srv/g/dark >"$OUT/out" 2>&1; then
	skip "an unreadable directory" "root reads it anyway"
else
	run on a $powerless ucsync -xq
	check "an unreadable directory fails" [ "$rc" -eq 1 ]
	check "one line says it" grep -q '^/srv/g/dark: .*ermission denied' \
	    "$OUT/out"
	check "nothing below it is removed" count b /srv/g 3
fi
on a chmod 755 /srv/g/dark
check "readable again" quiet ucs a -xq
check "then it is" count b /srv/g 2

# A directory that cannot go, since something unsynced lives in it.
on b sh -c 'echo mine >/srv/g/dark/mine.own'
on a rm -r /srv/g/dark
check "a directory is removed" quiet ucs a -xq
check "it stays where something unsynced lives" \
    [ -e "$(node_dir b)/srv/g/dark/mine.own" ]
check "which is no change" quiet ucs b -xq
check "it does not come back" [ ! -e "$(node_dir a)/srv/g/dark" ]
on b sh -c 'echo new >/srv/g/dark/new'
check "what lives in it and is synced" quiet ucs b -xq
check "brings it back" [ -e "$(node_dir a)/srv/g/dark/new" ]

# Roots that are something else now.
on a sh -c 'mv /srv/g /srv/was && ln -s was /srv/g'
run ucs a -xq
check "a link is no root" grep -q '^/srv/g is no directory any' "$OUT/out"
check "and fails" [ "$rc" -eq 1 ]
on a sh -c 'rm /srv/g && echo >/srv/g'
run ucs a -xq
check "a file is none" [ "$rc" -eq 1 ]
check "nothing was removed" [ -e "$(node_dir b)/srv/g/dark/new" ]
on a sh -c 'rm /srv/g && mv /srv/was /srv/g'

# Disks: a file system at /srv/keep that is mounted, or not, at /srv/disk.
on a sh -c 'mkdir -p /srv/keep /srv/disk /srv/usb /srv/real/p &&
    mount -t tmpfs disk /srv/keep' || {
	skip "mounts" "no tmpfs here"
	exit 0
}
mounted() {
	on a mount --bind /srv/keep "$1"
}
config a b <<'C'
group g {
	host a b; key ucsync.key; auto younger;
	include /srv/disk; include /srv/usb/f1; include %p%/*;
}
prefix p { on a: /srv/link; on b: /srv/p; }
C
on a ln -s real/p /srv/link
on b mkdir /srv/p
mounted /srv/disk
mounted /srv/usb
mounted /srv/real/p
files a /srv/disk 5
check "mounted" quiet ucs a -xq
check "the other has it" count b /srv/disk 5
state_of a >"$OUT/before"
check "mounted as before" quiet ucs a -xq
state_of a >"$OUT/after"
check "nothing is written for it" cmp "$OUT/before" "$OUT/after"
on a umount /srv/disk
on a sh -c 'echo stale >/srv/disk/f1; echo odd >/srv/disk/odd'
check "unmounted is no removal" says 1 \
    '^/srv/disk lies under the mount point / and not, .* under /srv/disk ' \
    ucs a -xq
run ucs a -xq
check "it says what to do" grep -q 'run again with -y$' "$OUT/out"
check "nothing was removed there" count b /srv/disk 5
check "what lay below is not taken as an edit" \
    on b grep -q 'disk 1' /srv/disk/f1
check "nor as new" [ ! -e "$(node_dir b)/srv/disk/odd" ]
check "a dry run says it, too" says 1 '^/srv/disk lies under' ucs a -xqd
check "a check of a file does" says 1 '^/srv/disk lies' ucs a -cq /srv/disk/f1
check "a check elsewhere does not" quiet ucs a -cq /srv/usb/f1
on b sh -c 'for i in 1 2 3; do echo new >/srv/disk/f$i; done'
: >"$(node_dir a)/server.log"
check "what others send is refused, in one line" says 1 \
    '^a: /srv/disk/f1: /srv/disk lies under .* check it there with -y$' \
    ucs b -xq
check "one line on the server" [ "$(grep -c 'lies under' \
    "$(node_dir a)/server.log")" -eq 1 ]
check "nothing was written" on a grep -q stale /srv/disk/f1
on b sh -c 'echo 4 >/srv/disk/f44'
run ucs b -xq
check "nothing new, either" [ ! -e "$(node_dir a)/srv/disk/f44" ]
run ucs b -xq
check "it is tried again" [ "$rc" -eq 1 ]
run ucs a -xq
check "nor is anything fetched" on a grep -q stale /srv/disk/f1
mounted /srv/disk
check "mounted again" quiet ucs a -xq
check "what was sent meanwhile comes" quiet ucs b -xq
check "it is there" on a grep -q new /srv/disk/f3
check "and alike" [ "$(on a sh -c 'cat /srv/disk/f*' | cksum)" = \
    "$(on b sh -c 'cat /srv/disk/f*' | cksum)" ]

on a umount /srv/usb
check "a file's root is where it lies" says 1 '^/srv/usb/f1 lies under' \
    ucs a -xq
check "a single file is not removed, either" count b /srv/usb 1
mounted /srv/usb
on a umount /srv/real/p
check "a prefix" says 1 '^%p% lies under the mount point / and not,' ucs a -xq
check "its files stay" count b /srv/p 6
check "-y in another place is none for this" quiet ucs a -cyrq /srv/disk
check "it still holds" says 1 '^%p% lies' ucs a -xq
check "-y means it" quiet ucs a -xyq
check "then it is a removal" count b /srv/p 0
check "and remembered" quiet ucs a -xq
files a /srv/real/p 2
check "used without a mount" quiet ucs a -xq
on a mount -t tmpfs other /srv/real/p
check "a root that was no mount point and is one" says 1 \
    '^%p% lies under the mount point /srv/real/p and not' ucs a -xq
check "removes nothing" count b /srv/p 2
on a umount /srv/real/p
on a rm -r /srv/real/p/f1 /srv/real/p/f2
check "what is empty" quiet ucs a -xq
on a mount -t tmpfs other /srv/real/p
check "may be mounted" quiet ucs a -xq
files a /srv/real/p 1
check "and filled" quiet ucs a -xq
on a umount /srv/real/p
check "which counts from then on" says 1 '^%p% lies' ucs a -xq

# A host that only serves learns where its roots lie from what it is sent.
stop a
on a sh -c 'umount /srv/disk && rm /srv/disk/* && mount -t tmpfs n /srv/disk
    mount --bind /srv/keep /srv/real/p; rm -r /var/lib/ucsync'
serve a
run ucs b -mrq /srv/disk
run ucs b -xq
check "it is there" count a /srv/disk 6
on a umount /srv/disk
on b sh -c 'echo newer >/srv/disk/f1'
check "it refuses, too" says 1 '^a: /srv/disk/f1: /srv/disk lies' ucs b -xq
check "nothing below" count a /srv/disk 0
