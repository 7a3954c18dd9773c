#!/bin/sh
# SPDX-License-Identifier: ISC
#
# configtest: what it shows of a good config, and each thing that it finds; the
# exit codes; with -v the peers. Warnings of the config, once.

. "$TOP/tests/nodes.sh"

nodes_up a b c
A=$(name a) B=$(name b) C=$(name c)
dir=$(at a "/$SYSTEM")
cfg=$dir/ucsync.cfg
da=$(node_dir a)
t=$(at a /srv/t)

config a b c <<'END'
group g {
	host @a@ @b@ (@c@);
	key k;
	include @/srv/t;
	exclude @/srv/t/tmp;
	exclude *.bak;
	auto younger;
	action { pattern @/srv/t/*; exec "cat %%"; exec "[ -d / ] && ls"; }
}
group others {
	host @b@ @c@;
	key k;
	include @/srv/u;
}
END
key k a b c
mkdir "$da/srv/t"
real() {
	[ -z "$R" ] || echo " = $da$1"
}
by='its name (uname -n)' state=/var/lib/ucsync
[ "$MODE" = namespaces ] || by=-N state=$da/var/lib/ucsync
good="config $cfg
this host $A, by $by
state $state
group g at $cfg:1
  host $A [this host] $B ($C)
  key $dir/k
  include $R/srv/t$(real /srv/t)
  exclude $R/srv/t/tmp$(real /srv/t/tmp)
  exclude *.bak (any name in any directory)
  auto younger
  action at line 8: 1 patterns, 2 commands
group others at $cfg:10
  host $B $C"
gives 'a good one' 0 "$good" ucs a configtest

# finds NAME STATUS REGEX: one line on stderr, like this.
finds() {
	line "$1" "$2" "$3" eval 'ucs a configtest 2>&1 >/dev/null'
}

# with LINES: a group with these lines added.
with() {
	config a <<-END
	group g { host @a@ @b@; key k; include @/srv/t;
	$1
	}
	END
}

with 'include @/srv/none/x;'
finds 'no such root' 0 \
    "$cfg:2:[0-9]+: include: there is no .*/srv/none/x here.*"
ln -s t "$da/srv/link"
mkdir "$da/srv/t/in"
with 'include @/srv/link/in;'
finds 'a root through a link' 0 \
    "$cfg:2:[0-9]+: include: .*/srv/link/in leads through a symbolic link.*"
with 'include @/srv/link/*.txt;'
finds 'a root that is a link' 0 \
    "$cfg:2:[0-9]+: include: .*/srv/link leads through a symbolic link.*"
with 'include @/srv/link;'
gives 'a link itself' 0 '' eval 'ucs a configtest 2>&1 >/dev/null'
echo x >"$da/srv/file"
with 'include @/srv/file/*;'
finds 'a root that is no directory' 0 \
    "$cfg:2:[0-9]+: include: .*/srv/file is no directory"
with 'include @/srv/file;'
gives 'a file' 0 '' eval 'ucs a configtest 2>&1 >/dev/null'
with 'exclude @/srv/elsewhere;'
finds 'a pattern without effect' 0 \
    "$cfg:2:[0-9]+: exclude \"$R/srv/elsewhere\" has no effect:.*"
with 'exclude @/srv/t/x; include @/srv/t/in; exclude @/srv/t/in;'
finds 'a pattern that never matches' 0 \
    "$cfg:2:[0-9]+: \"$R/srv/t/in\" can never match:.*"
with 'action { exec "nosuchprogram %%"; }'
finds 'no such command' 1 \
    "$cfg:2:[0-9]+: action: no command 'nosuchprogram' is found on this host"
with 'action { exec "A=1 nosuch"; exec "(nosuch)"; exec "$x y"; }'
gives 'commands that only a shell understands' 0 '' \
    eval 'ucs a configtest 2>&1 >/dev/null'
with 'action { exec "true"; logfile /nowhere/log; }'
finds 'a log file to nowhere' 0 "$cfg:2:[0-9]+: action: logfile \
/nowhere/log cannot be written: what the commands say is lost"
with 'action { pattern @/srv/t/x; }'
finds 'an action without exec' 0 "$cfg:2:[0-9]+: action without exec does .*"
with '} nossl * *; group h { host @a@ @b@; key k; include @/srv/t;'
finds 'nossl' 0 "$cfg:2:[0-9]+: nossl has no effect:.*"
with 'incldue @/srv/x;'
finds 'a word nearly right' 1 \
    "$cfg:2:1: expected .*\"incldue\" \\(did you mean \"include\"\\?\\)"

# Keys: each that is not good
with 'key other;'
finds 'a key that is missing' 1 'key file .*/other: No such file.*'
cp -p "$da/$SYSTEM/k" "$da/$SYSTEM/other"
chmod 644 "$da/$SYSTEM/other"
finds 'a key that others can read' 1 \
    'key file .*/other: others can read.* cure: chmod 600 .*'
chmod 600 "$da/$SYSTEM/other"
finds 'a key twice' 1 'key files .*/k and .*/other: both are marked.*'
echo short >"$da/$SYSTEM/k"
echo short >"$da/$SYSTEM/other"
run ucs a configtest
check 'all that are bad' eval '[ "$rc" -eq 1 ] &&
    [ "$(grep -c "too short" "$OUT/out")" -eq 2 ]'
key k a b c

# Names and peers
with ''
cp "$da/$SYSTEM/ucsync.cfg" "$(node_dir b)/$SYSTEM/ucsync.cfg"
line 'not in the config' 1 ".*no group lists this host, 'other'.*" \
    eval 'ucs a configtest -N other 2>&1 >/dev/null'
check '-N: said so' eval \
    'ucs a configtest -N "$B" | grep -qx "this host $B, by -N"'
line 'no config' 1 '.*/ucsync_no\.cfg: No such file.*' ucs a configtest -C no
serve b
run ucs a configtest -v
check '-v: a peer that answers' eval '[ "$rc" -eq 0 ] &&
    grep -q "^$B: 0 updated" "$OUT/out"'
check '-v: it makes no state' [ -z "$(ls "$da/var/lib/ucsync" 2>/dev/null)" ]
"$UCSYNC" -k "$OUT/otherkey"
cp "$OUT/otherkey" "$da/$SYSTEM/k"
run ucs a configtest -v
check '-v: a peer with another key' eval '[ "$rc" -eq 1 ] &&
    grep -q "^$B: .*key" "$OUT/out"'
stop b
run ucs a configtest -v
check '-v: nobody there' eval '[ "$rc" -eq 1 ] &&
    grep -q "^$B: .*refused" "$OUT/out"'
if [ "$MODE" = namespaces ]; then
	with '} group h { host @a@ nowhere.invalid; key k; include @/srv/h;'
	run ucs a configtest -v -P nowhere.invalid
	check '-v: a name that is none' eval '[ "$rc" -eq 1 ] &&
	    grep -q "^nowhere.invalid: .*nowhere.invalid" "$OUT/out"'
fi
key k a b c
: >"$da/$SYSTEM/ucsync.lock"
line 'a stop file' 1 '.*/ucsync\.lock exists.*' ucs a configtest
rm "$da/$SYSTEM/ucsync.lock"

# Once: a run tells, the next does not, until it is another warning.
with '} nossl * *; group h { host @a@ @b@; key k; include @/srv/t;'
finds 'before any run' 0 '.*nossl has no effect.*'
line 'the first run tells' 0 '.*nossl has no effect.*' ucs a -c "$t"
gives 'the second does not' 0 '' ucs a -c "$t"
line '-v does' 0 '.*nossl has no effect.*' ucs a -cv "$t"
with 'exclude @/srv/elsewhere;'
gives 'a listing does not' 2 '' ucs a -H
line 'a new warning' 0 '.*has no effect.*' ucs a -c "$t"
gives 'is told once, too' 0 '' ucs a -c "$t"
