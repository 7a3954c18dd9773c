#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What is said when something goes wrong: what, which path or peer, why, and
# what to do. Each is provoked, and compared whole. (Mistakes in a config are in
# the unit test of the parser; keys are in 21-keys, configtest's words in 72.)

. "$TOP/tests/nodes.sh"

nodes_up a b c
A=$(name a) B=$(name b) C=$(name c)
T=$R/srv/t
t=$(at a /srv/t)
ta=$(node_dir a)/srv/t
tb=$(node_dir b)/srv/t
sys=$(at a "/$SYSTEM")
da=$(node_dir a)/$SYSTEM
lib=$(at a "/var/lib/ucsync")
port=30865
[ "$MODE" = namespaces ] || port=$NODES_PORT

# The command line
see='see ucsync --help'
gives 'no such command' 1 "no command 'frob': $see" "$UCSYNC" frob
gives 'nearly a command' 1 \
    "no command 'stats': did you mean 'status'? See ucsync --help" \
    "$UCSYNC" stats
gives 'no such letter' 1 "no option '-Z': $see" "$UCSYNC" -xZ
gives 'no value' 1 "-p needs a value: $see" "$UCSYNC" -x -p
gives 'no port' 1 "no port 'x': $see" "$UCSYNC" -x -p x
gives 'too many peers at once' 1 "not 1 to 64 '65': $see" "$UCSYNC" -x -j 65
gives 'two commands' 1 "two commands at once: $see" "$UCSYNC" -xM
gives 'a file that is missing' 1 "no file to '-f': $see" "$UCSYNC" -f
gives 'a file too much' 1 "no files go with 'status': $see" "$UCSYNC" status x
gives 'a descriptor that is not open' 1 "not open: descriptor '99': $see" \
    "$UCSYNC" -c -W 99

# The config and the state
gives 'no config' 1 "cannot open $sys/ucsync.cfg: No such file or directory; \
'init HOST..' writes a first one" ucs a -x
gives 'no good name of a config' 1 \
    "config name 'A/b': only a-z and 0-9, at most 32 of them" ucs a -x -C A/b
config a b c <<'END'
group g {
	host @a@ @b@ (@c@);
	key k;
	include @/srv/t;
}
lock-timeout 1;
END
key k a b c
cfg=$sys/ucsync.cfg
gives 'a host in no group' 1 "$cfg: no group lists this host, 'other': add it, \
or say who we are with -N" ucs a -x -N other
gives 'no such peer' 1 "$cfg: no group of this host lists 'nobody'; configtest \
shows the groups" ucs a -x -P nobody
gives 'no such group' 1 "$cfg: no group of this host is called 'h'; configtest \
shows the groups" ucs a -x -G h
: >"$da/ucsync.lock"
gives 'the stop file' 1 \
    "$sys/ucsync.lock exists: nothing is done until it is removed" ucs a -x
rm "$da/ucsync.lock"
gives 'a file that is not known' 1 \
    "$T/x: not known here: check it first (-c $T/x)" ucs a -m "$t/x"
long=$(printf '%0300d' 0)
gives 'no name to be synced' 1 "$t/$long: not a name that could be synced: too \
long, reserved, or no such prefix" ucs a -c "$t/$long"
gives 'a database of another kind' 1 \
    'database mysql://: the state is a file: give the directory for it' \
    ucs a -M -D mysql://u:p@h/d
gives 'no place for the state' 1 \
    "state directory $cfg/d: Not a directory" ucs a -c "$t" -D "$cfg/d"
mkdir "$ta" "$OUT/bad"
echo 'no state at all, but long enough for a header' >"$OUT/bad/$A.db"
gives 'a damaged state' 1 "$OUT/bad/$A.db: damaged, or no state file: move it \
away to begin a new state" ucs a -M -D "$OUT/bad"
echo x >"$ta/x"
ucs a -cr /
db=$(node_dir a)/var/lib/ucsync/$A.db
timeout 20 flock "$db" sh -c 'echo locked; exec sleep 5' >"$OUT/lock" &
locker=$!
await 'the lock' grep -q locked "$OUT/lock"
echo y >"$ta/y"
gives 'a state that is locked' 1 "$lib/$A.db: another process keeps it locked; \
try again, or raise lock-timeout" ucs a -c "$t/y"
kill "$locker"
wait "$locker" 2>/dev/null
gives 'time stamps to nowhere' 1 \
    "time stamps go to $OUT/none/x: No such file or directory" \
    ucs a -c "$t" -s "$OUT/none/x"
gives '-R -G' 1 \
    'never run -R with -G: all other groups would be forgotten' ucs a -RG g

# Peers
gives 'nobody there' 1 "$B: cannot connect to port $port: Connection refused; \
is the server running there?" ucs a -u -P "$B"
serve b
run ucs b serve
check 'a second server' grep -qxE "cannot listen on (.* )?port $port: \
Address (already )?in use; is a server running already\\?" "$OUT/out"
if [ "$MODE" = namespaces ]; then
	cp "$da/ucsync.cfg" "$OUT/cfg"
	sed "s/$B/nosuch.invalid/" "$OUT/cfg" >"$da/ucsync.cfg"
	line 'no address' 1 "nosuch.invalid: cannot find the address of \
nosuch.invalid: .*; is the name in DNS or /etc/hosts\\?" \
	    ucs a -u -P nosuch.invalid
	cp "$OUT/cfg" "$da/ucsync.cfg"
fi
cp -p "$da/k" "$OUT/k"
rm "$da/k"
key k a
gives 'another key' 1 "$B: the peer has another key, or no group with us both; \
compare key files and configs" ucs a -u -P "$B"
check 'another key: what the server says' grep -qE ": refused: it says it is \
$A, and has another key; compare the key files\$" "$(node_dir b)/server.log"
chmod 644 "$da/k"
gives 'a key for others to read' 1 "$B: key file $sys/k: others can read or \
change it (mode 644); cure: chmod 600 $sys/k" ucs a -u -P "$B"
rm "$da/k"
gives 'no key' 1 "$B: key file $sys/k: No such file or directory" \
    ucs a -u -P "$B"
cp -p "$OUT/k" "$da/k"
sed "/host/s/$A/y/" "$(node_dir b)/$SYSTEM/ucsync.cfg" >"$OUT/cfg"
cp "$(node_dir b)/$SYSTEM/ucsync.cfg" "$OUT/old"
cp "$OUT/cfg" "$(node_dir b)/$SYSTEM/ucsync.cfg"
gives 'no group there' 1 "$B: the peer has another key, or no group with us \
both; compare key files and configs" ucs a -u -P "$B"
check 'no group there: what the server says' grep -qE ": refused: it says it \
is $A and calls us $B: no group has both; compare the configs\$" \
    "$(node_dir b)/server.log"
cp "$OUT/old" "$(node_dir b)/$SYSTEM/ucsync.cfg"
gives 'then it goes' 0 '' ucs a -xq -P "$B"

# Files
when='[0-9-]{10} [0-9:]{8} UTC'
sed "s|include .*|include $R/srv/u;|" "$OUT/old" \
    >"$(node_dir b)/$SYSTEM/ucsync.cfg"
echo more >>"$ta/x"
run ucs a -xq -P "$B"
check 'not in the config there' grep -qxF "$B: $T/x: Permission denied: no \
group of both hosts has it; compare the configs" "$OUT/out"
cp "$OUT/old" "$(node_dir b)/$SYSTEM/ucsync.cfg"
gives 'it goes again' 0 '' ucs a -xq -P "$B"
echo ours >"$ta/x"
echo theirs >"$tb/x"
line 'a conflict' 1 "$B: conflict on $T/x: here $when, 5 bytes, there $when, \
7 bytes: left alone; '-f $T/x' on the host that is right settles it" \
    ucs a -xq -P "$B"
ucs a -f "$t/x"
line 'a conflict, forced' 0 \
    "$B: conflict on $T/x: here .*, there .*: ours wins" ucs a -xq -P "$B"
serve c
gives 'the third host' 0 '' ucs a -xq -P "$C"
gives '-f where it is only received' 1 \
    "$T/x: this host only receives it; say -f on one that may change it" \
    ucs c -f "$(at c /srv/t)/x"
rm "$ta/x"
gives '-f of what changed' 1 \
    "$T/x changed since the last check: check it first (-c $T/x)" \
    ucs a -f "$t/x"
mv "$ta" "$ta.away"
gives 'a root that is gone' 1 "$T is no directory any more (not mounted?): \
what was below it is not taken as removed; if it is meant, run again with -y" \
    ucs a -cr /
mv "$ta.away" "$ta"
for i in $(seq 30); do
	echo "$i" >"$ta/$i"
done
gives 'thirty files' 0 '' ucs a -xq
find "$ta" -name '[0-9]*' -delete
line 'the guard' 1 "group g: 3[01] of [0-9]+ files are gone: their removal is \
not recorded \\(delete-guard 50\\); if it is meant, run again with -y" \
    ucs a -cr /
for i in $(seq 30); do
	echo "$i" >"$ta/$i"
done
gives 'they are back' 0 '' ucs a -xq
if [ "$(id -u)" -ne 0 ]; then
	chmod 0 "$ta/1"
	gives 'a file that cannot be read' 1 \
	    "$T/1: cannot open: Permission denied" ucs a -c "$t/1"
	chmod 644 "$ta/1"
fi
cat >>"$da/ucsync.cfg" <<END
group act { host $A; key k; include $R/srv/act;
action { exec "exit 3"; do-local; } }
END
mkdir "$(node_dir a)/srv/act"
line 'an action' 1 \
    'action of group act ended with 3 after 0\.[0-9]{3} s: exit 3' ucs a -xq
sed -i 's/exec "exit 3"/timeout 1; exec "exec sleep 20"/' "$da/ucsync.cfg"
echo 1 >"$(node_dir a)/srv/act/1"
line 'an action that goes on and on' 1 'action of group act was stopped after '\
'[1-9] s, its time limit: exec sleep 20' ucs a -xq
