#!/bin/sh
# SPDX-License-Identifier: ISC
#
# explain: why a file is synced or not, with whom, and what is known of it.

. "$TOP/tests/nodes.sh"

nodes_up a b c
A=$(name a) B=$(name b) C=$(name c)
T=$R/srv/t
t=$(at a /srv/t)
ta=$(node_dir a)/srv/t
tb=$(node_dir b)/srv/t
cfg=$(at a "/$SYSTEM")/ucsync.cfg

config a b c <<'END'
group g {
	host @a@ @b@
	    (@c@);
	key k;
	include @/srv/t
	    @/srv/file;
	exclude @/srv/t/tmp;
	exclude *.bak;
	compare @/srv/seen;
	auto younger;
	action { pattern @/srv/t/*.conf; exec "true one"; exec "true two"; }
	action { exec "true all"; do-local; }
}
group small {
	host @a@ @b@;
	key k;
	include @/srv/t/both;
}
END
key k a b c
mkdir -p "$ta/d.bak" "$ta/tmp"
for file in x y.conf both z.bak d.bak/in tmp/in; do
	echo "$file" >"$ta/$file"
done

# says NAME STATUS LINE... of the last output: exactly these among its lines.
says() {
	said=$1 want=$2
	shift 2
	if [ "$rc" -ne "$want" ]; then
		fail "$said" "exit $rc, not $want"
		cat "$OUT/out"
		return
	fi
	for text; do
		grep -qxE -- "$text" "$OUT/out" && continue
		fail "$said" "no line '$text'"
		cat "$OUT/out"
		return
	done
	ok "$said"
}

when='[0-9-]{10} [0-9:]{8} UTC'
by="include $T \\($cfg:5, for paths\\)"
out="exclude \\*\\.bak \\($cfg:8, for base names\\)"
real() {
	[ -z "$R" ] || echo " = $(node_dir a)$1"
}

run ucs a explain "$t/y.conf"
says 'a file that is new' 0 "$T/y.conf$(real /srv/t/y.conf)" \
    "group g \\($cfg:1\\): synced" "  $by decides" \
    "  goes to $A \\(this host\\) $B $C" "  may be changed by $A $B" \
    '  conflicts: auto younger' \
    "  action \\($cfg:11\\) where it comes: true one; true two" \
    "  action \\($cfg:12\\) there, and where it was changed: true all" \
    "group small \\($cfg:14\\): not synced" \
    '  no include of this group reaches it' \
    "here: $when, 7 bytes, new: no check has seen it so far" \
    'known: nothing' "$B: nothing to send"
check 'it makes no state' eval '! ls "$(node_dir a)"/var/lib/ucsync/*.db'
run ucs a explain "$t/x"
check 'an action of other files' eval '! grep -q "true one" "$OUT/out"'
run ucs a explain "$t/both"
says 'two groups' 0 "group g .*: synced" "group small .*: synced"
run ucs a explain "$t/z.bak"
says 'out by its base name: exit 2' 2 "group g .*: not synced" \
    "  $by lets it in," "  $out keeps it out"
check 'out: nothing about hosts' eval '! grep -q "goes to" "$OUT/out"'
run ucs a explain "$t/d.bak/in"
says 'out by the name of a directory' 2 \
    "  $out keeps out the directory $T/d.bak"
run ucs a explain "$t/tmp/in"
says 'out by its path' 2 \
    "  exclude $T/tmp \\($cfg:7, for paths\\) decides"
run ucs a explain "$(at a /srv/seen)/x"
says 'only compared' 2 "group g .*: only compared" \
    "  compare $R/srv/seen \\($cfg:9, for paths\\) decides"
run ucs a explain "$t/.ucsync-1"
says 'reserved' 1 '.*: not a name that could be synced: too long, reserved.*'
run ucs a explain /nowhere "$t/x"
says 'two files, one of them not' 2 '/nowhere' "$T/x.*"
line 'no file' 1 "a file is needed with 'explain'.*" ucs a explain
run ucs a explain -P "$B" -G small "$t/both"
check '-G and -P' eval '! grep -q "^group g" "$OUT/out" &&
    ! grep -q "^$C" "$OUT/out"'

# What is known, here and there.
ucs a -cr / -q
run ucs a explain "$t/x"
says 'checked: pending' 0 "here: $when, 2 bytes, as at the last check" \
    "known: $when, 2 bytes, as $A had it" "$B: will get it" "$C: will get it"
serve b
serve c
ucs a -xq
run ucs a explain -v "$t/x"
says 'synced' 0 "$B: has it, as far as known" '  it answers: the same'
echo longer >>"$ta/x"
run ucs a explain "$t/x"
says 'changed' 0 "here: $when, 9 bytes, changed since the last check" \
    "known: $when, 2 bytes, as $A had it"
ucs a -cr / -q
run ucs a explain -v "$t/x"
says '-v: it has the older one' 0 "$B: will get it" \
    "  it answers: $when, 2 bytes, older"
rm "$ta/x"
run ucs a explain "$t/x"
says 'removed' 0 \
    'here: not there: removed since the last check, or a link is on the way'
ucs a -xq
run ucs b explain -v -P "$C" "$(at b /srv/t)/x"
says 'removed everywhere' 0 'here: not there' "known: not there, as $A had it"
echo theirs, later >"$tb/both"
ucs b -cr / -q
run ucs a explain -v "$t/both"
says '-v: it has a newer one' 0 "  it answers: $when, 14 bytes, newer"
stop c
run ucs a explain -v "$t/both"
says '-v: one that does not answer' 1 "$C: .*refused.*" \
    "  it answers: $when, 14 bytes, newer"
rm "$(node_dir c)/srv/t/both"
ucs c -qcr /
run ucs c explain "$(at c /srv/t)/both"
says 'a host that only receives' 0 "known: .*; the disk differs, and will.*" \
    "$A: will put it back here"
sed -i 's/auto younger/auto none/' "$(node_dir a)/$SYSTEM/ucsync.cfg" \
    "$(node_dir b)/$SYSTEM/ucsync.cfg"
echo ours >"$ta/y.conf"
echo theirs, too >"$tb/y.conf"
run ucs a -xq -P "$B"
run ucs a explain -v -P "$B" "$t/y.conf"
says 'a conflict' 0 "$B: in conflict: there $when, 12 bytes; 'ucsync -f \
$T/y.conf' on the host that is right settles it" \
    "  it answers: $when, 12 bytes, in conflict with ours"
ucs a -f "$t/y.conf"
run ucs a explain "$t/y.conf"
says 'forced' 0 "known: .*; wins the next conflict \\(-f\\)"
