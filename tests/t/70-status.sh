#!/bin/sh
# SPDX-License-Identifier: ISC
#
# status: what is pending, conflicts, what failed last and is well again; text,
# colour, JSON, exit codes; several configs; asking the peers.

. "$TOP/tests/nodes.sh"

nodes_up a b c
A=$(name a) B=$(name b) C=$(name c)
T=$R/srv/t
ta=$(node_dir a)/srv/t
tb=$(node_dir b)/srv/t
cfg=$(at a "/$SYSTEM")/ucsync.cfg

config a b c <<'END'
group g {
	host @a@ @b@ (@c@);
	key k;
	include @/srv/t;
	action { pattern @/srv/t/fire; exec "test ! -e /srv/no"; do-local; }
}
END
sed -i "s|/srv/no|$(node_dir a)&|" "$(node_dir a)/$SYSTEM/ucsync.cfg"
key k a b c
mkdir "$ta"
echo one >"$ta/f"

# shows REGEX: a line of the last output is like this.
shows() {
	grep -qEx -- "$1" "$OUT/out"
}

# told NAME STATUS REGEX...: status ends so, and has such lines.
told() {
	told=$1 want=$2
	shift 2
	[ "$rc" -eq "$want" ] || {
		fail "$told" "exit $rc, not $want"
		cat "$OUT/out"
		return
	}
	for regex; do
		shows "$regex" && continue
		fail "$told" "no line '$regex'"
		cat "$OUT/out"
		return
	done
	ok "$told"
}

when='[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC'
met='met [0-9]+ (seconds|minutes) ago'

run ucs a status
told 'before the first run' 0 "$cfg on $A" \
    "  $B  nothing to send; not known when it was met" \
    "  $C  nothing to send; .*" 'All is well\.'
check 'it makes no state' eval '! ls "$(node_dir a)"/var/lib/ucsync/*.db'
ucs a -cr / -q
run ucs a status
told 'what is pending' 0 "  $B  2 to send \\(4 bytes\\); not known.*" \
    'All is well\.'
ucs a -xq 2>/dev/null
before=$(state_of a)
run ucs a status
told 'nobody there: exit 1' 1 "  $B  2 to send .*" \
    "    $when: .*refused.*" 'Look here\.'
check 'it changes no state' [ "$(state_of a)" = "$before" ]
serve b
serve c
gives 'a sync' 0 '' ucs a -xq
run ucs a status
told 'in sync' 0 "  $B  nothing to send; $met" "  $C  nothing to send; $met" \
    'All is well\.'
run ucs b status
told 'the peer has met us, too' 0 "  $A  nothing to send; $met"
run ucs a status -v
told '-v asks' 0 "  $B  in sync; $met" 'All is well\.'

# Both ways, asked.
echo here >"$ta/a1"
rm "$ta/f"
echo there >"$tb/b1"
ucs a -cr / -q
ucs b -cr / -q
run ucs a status -v
sent='[12] to send \([0-9]+ bytes\), 1 to remove there'
told '-v: both ways' 0 \
    "  $B  $sent, [12] to take \\([0-9]+ bytes\\); .*"
gives 'then a sync' 0 '' ucs a -xq
stop b
run ucs a status -v
told '-v: one that does not answer' 1 "$B: .*refused.*" \
    "  $B  nothing to send; .*" 'Look here\.'

# Conflicts
serve b
echo ours >"$ta/x y"
echo theirs, longer >"$tb/x y"
run ucs a -xq
run ucs a status
told 'a conflict: exit 1' 1 "  $B  in conflict: 1; $met" \
    "  conflict with $B: $T/x y" "    here   $when, 5 bytes" \
    "    there  $when, 15 bytes" \
    "    settle it on the host that is right: ucsync -f $T/x y" 'Look here\.'
run ucs b status
told 'a conflict: there, too' 1 "    here   $when, 15 bytes" \
    "    there  $when, 5 bytes"
run ucs a status -v
told 'a conflict: asked' 1 "    here   $when, 5 bytes" \
    "    there  $when, 15 bytes"
ucs a -f "$(at a /srv/t)/x y" && ucs a -xq 2>/dev/null
run ucs a status
told 'a conflict that is settled' 0 "  $B  nothing to send; $met"

# The guard, an action, both until they go well.
mkdir "$ta/many"
for i in $(seq 30); do
	echo "$i" >"$ta/many/$i"
done
gives 'many files' 0 '' ucs a -xq
mv "$ta/many" "$OUT/many"
run ucs a -xq
run ucs a status
told 'the guard' 1 '  the last check or run failed' \
    "    $when: group g: 31 of [0-9]+ files are gone.*-y" 'Look here\.'
mv "$OUT/many" "$ta/many"
gives 'they are back' 0 '' ucs a -xq
run ucs a status
told 'the guard: all is well again' 0 'All is well\.'
touch "$(node_dir a)/srv/no" "$ta/fire"
run ucs a -xq
run ucs a status
told 'an action that failed' 1 '  an action failed' \
    "    $when: action of group g ended with 1 after .*"
rm "$(node_dir a)/srv/no"
touch "$ta/fire"
gives 'it goes well' 0 '' ucs a -xq
run ucs a status
told 'an action: all is well again' 0 'All is well\.'
echo deviates >"$(node_dir c)/srv/t/a1"
ucs c -crq /
run ucs c status
told 'a host that only receives' 0 "  $A  1 to be put back here; .*"

# JSON: as it is promised, strings in it valid whatever a name is.
odd=$(printf 'q"\\\n\377\302\205')
: >"$ta/$odd"
printf %s x >"$tb/$odd"
run ucs a -xq
run ucs a status -J
cp "$OUT/out" "$OUT/json"
told 'JSON: exit 1' 1 \
    '\{"version":1,"configs":\[\{.*\}\],"well":false\}'
check 'JSON: one line' [ "$(wc -l <"$OUT/json")" -eq 1 ]
check 'JSON: the odd name' grep -qF -- \
    '"path":"'"$T"'/q\"\\x5c\\x0a\\xff\\xc2\\x85",' "$OUT/json"
if command -v python3 >/dev/null; then
	cat >"$OUT/look.py" <<-'END'
	import json, sys
	s = json.load(open(sys.argv[1], encoding="utf-8"))
	c, = s["configs"]
	assert sorted(s) == ["configs", "version", "well"], s
	assert sorted(c) == ["actions_waiting", "config", "error", "file",
	    "host", "peers", "troubles"], c
	p = c["peers"][0]
	assert sorted(p) == ["conflicts", "groups", "met", "name", "put_back",
	    "send", "take", "trouble"], p
	x, = p["conflicts"]
	assert x["here"]["kind"] == "file" and x["here"]["size"] == 0, x
	assert x["there"]["size"] == 1 and x["there"]["mtime"] > 10**9, x
	assert x["path"].endswith('/q"\\x5c\\x0a\\xff\\xc2\\x85'), x
	assert p["send"] == {"files": 0, "removals": 0, "bytes": 0}, p
	assert p["groups"] == ["g"] and p["take"] is None, p
	END
	check 'JSON: parsed by another program' python3 "$OUT/look.py" \
	    "$OUT/json"
else
	skip 'JSON: parsed by another program' 'no python3'
fi
ucs a -fr "$(at a /srv/t)" && ucs a -xq 2>/dev/null
run ucs a status -J
told 'JSON: well, exit 0' 0 '.*"trouble":null,.*"troubles":\[\],.*"well":true\}'

# Colours: on a terminal only.
esc=$(printf '\033')
colour() {
	db=$(node_dir a)/var/lib/ucsync
	rc=0
	TERM=vt100 ucs a status >"$OUT/out" 2>&1 || rc=$?
	grep -qF "$esc" "$OUT/out" && fail 'no colour in a pipe' "there is" ||
	    ok 'no colour in a pipe'
	command -v script >/dev/null || {
		skip 'colour on a terminal' 'no script(1)'
		return
	}
	for set in TERM=vt100 'TERM=vt100 NO_COLOR=1' TERM=dumb; do
		if [ "$MODE" = namespaces ]; then
			enter a env $set script -qec 'ucsync status' /dev/null
		else
			env $set UCSYNC_SYSTEM_DIR="$(node_dir a)/$SYSTEM" \
			    UCSYNC_RUN_DIR="$(node_dir a)/run/ucsync" script \
			    -qec "$UCSYNC status -N $A -D $db" /dev/null
		fi >"$OUT/out" 2>&1 </dev/null
		if grep -qF "$esc[32mAll is well.$esc[0m" "$OUT/out"; then
			echo yes
		elif grep -q 'All is well' "$OUT/out"; then
			echo no
		else
			cat "$OUT/out"
		fi
	done >"$OUT/colours"
	[ "$(tr '\n' ' ' <"$OUT/colours")" = 'yes no no ' ] &&
	    ok 'colour on a terminal, not with NO_COLOR' ||
	    fail 'colour on a terminal, not with NO_COLOR' \
	    "$(cat "$OUT/colours")"
}
colour

# More than one config; mistakes.
config_as two a b <<'END'
group two { host @a@ @b@; key k; include @/srv/two; }
END
config_as other a <<'END'
group other { host @b@ @c@; key k; include @/srv/two; }
END
run ucs a status
told 'all configs that list us' 0 "$cfg on $A" "${cfg%.cfg}_two.cfg on $A"
check 'not those of others' eval '! grep -q other "$OUT/out"'
run ucs a status -C two
check '-C: that one' eval '! shows "$cfg on $A"'
line '-C of others: a mistake' 1 '.*no group lists this host.*|Look here\.' \
    eval 'ucs a status -C other >/dev/null'
echo 'grup' >>"$(node_dir a)/$SYSTEM/ucsync_two.cfg"
run ucs a status
told 'a mistake in a config' 1 '.*_two.cfg:[0-9:]*: expected.*' \
    "$cfg on $A" 'Look here\.'
run ucs a status -J
told 'JSON: the mistake' 1 '.*"error":"[^"]*_two.cfg:.*'
