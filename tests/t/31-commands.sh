#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Every letter and word of the command line: what it prints, what it does, and
# its exit code.

. "$TOP/tests/nodes.sh"

case $BUILD in
*/musl) static=-static ;;
*) static= ;;
esac
# shellcheck disable=SC2086 # one word or none
$CC $static -std=c99 -D_POSIX_C_SOURCE=200809L -o inetd \
    "$TOP/tests/peer/inetd.c" || exit 1
here=$PWD

nodes_up a b c
A=$(name a) B=$(name b) C=$(name c)
tree=$(node_dir a)/srv/t
t=$(at a /srv/t)
T=$R/srv/t

# pending LINES...: what -M prints, each "chary|force from to file".
pending() {
	for pend; do
		printf '%s\n' "$pend" | tr ' ' '\t'
	done
}

# would WHAT PEER NAME: a line of a dry run.
would() {
	printf '%s %-15s %s\n' "$1:" "$2" "$3"
}

has() {
	grep -qxF -- "$2" "$(node_dir "$1")/srv/$3"
}

everything() {
	for node in $NODES; do
		state_of $node
		listing "$(node_dir $node)/srv"
	done
}

# same NAME BEFORE: nothing on any host is other than before.
same() {
	if [ "$(everything)" = "$2" ]; then
		ok "$1"
	else
		fail "$1" "something changed"
	fi
}

# The line without a config: help, versions, mistakes.
gives 'no argument: usage, exit 1' 1 "$("$UCSYNC" --help)" "$UCSYNC"
check '--help: exit 0' "$UCSYNC" --help
check '--help behind a word' "$UCSYNC" sync --help
for version in -V --version version -xV; do
	line "$version" 0 'ucsync [0-9.]+' "$UCSYNC" $version
done
line 'an unknown letter' 1 "no option '-Z'.*--help" "$UCSYNC" -xZ
line 'an unknown word' 1 "no command 'frobnicate'.*" "$UCSYNC" frobnicate
line 'a value is missing' 1 '-p needs a value.*' "$UCSYNC" -x -p
line 'a port that is none' 1 "no port '65536'.*" "$UCSYNC" -x -p 65536
line 'two commands' 1 'two commands at once.*' "$UCSYNC" -xM
line '-f without a file' 1 'no file .*-f.*' "$UCSYNC" -f
line '-k without a file' 1 '.*key file.*-k.*' "$UCSYNC" -k

# -k
gives '-k: silent' 0 '' "$UCSYNC" -k "$OUT/new"
grep -qEx '[A-Za-z0-9._]{64}' "$OUT/new" && [ "$(wc -l <"$OUT/new")" = 1 ] &&
    [ "$(stat -c %a "$OUT/new")" = 600 ] && ok '-k: 64 characters, 0600' ||
    fail '-k: 64 characters, 0600' "$(ls -l "$OUT/new")"
cp "$OUT/new" "$OUT/kept"
line '-k: never overwrites' 1 '.*/new.*' "$UCSYNC" -k "$OUT/new"
check '-k: the old key is there' cmp "$OUT/new" "$OUT/kept"
ln -s "$OUT/elsewhere" "$OUT/link"
line '-k: not through a link' 1 '.*/link.*' "$UCSYNC" keygen "$OUT/link"
gives 'keygen' 0 '' "$UCSYNC" keygen "$OUT/second"
! cmp -s "$OUT/new" "$OUT/second" && ok '-k: never the same' ||
    fail '-k: never the same' "two equal keys"

# Configs.
line 'no config' 1 '.*/ucsync\.cfg.*No such file.*' ucs a -x
config a b c <<'END'
group g {
	host @a@ @b@ @c@ key k;
}
END
line 'a mistake in the config' 1 '.*/ucsync\.cfg:2:[0-9]+: expected.*' ucs a -x
config a b c <<'END'
group g {
	host @a@ @b@ @c@;
	key k;
	include @/srv/t;
	auto none;
}
group h {
	host @a@ @b@;
	key k;
	include @/srv/u;
}
END
line 'no key' 1 '.*/k: .*' ucs a -x -P "$B"
key k a b c
line 'a host in no group' 1 ".*no group lists this host, 'other'.*" \
    ucs a -x -N other
line 'a peer in no group' 1 ".*'nobody'; configtest shows the groups" \
    ucs a -x -P "$C,nobody"
line 'a group that is none' 1 ".*'nogroup'; configtest shows the groups" \
    ucs a -M -G g,nogroup
line 'another config that is none' 1 '.*/ucsync_nope\.cfg.*' ucs a -x -C nope
line 'a name that is none' 1 ".*'../x'.*" ucs a -x -C ../x
mkdir -p "$tree/d" "$(node_dir a)/srv/u"
echo one >"$tree/f"
echo two >"$tree/d/g"
echo three >"$(node_dir a)/srv/u/h"
: >"$(node_dir a)/$SYSTEM/ucsync.lock"
line 'a stop file' 1 '.*/ucsync\.lock exists.*' ucs a -x
rm "$(node_dir a)/$SYSTEM/ucsync.lock"

# -M, -L, -c, -u, -cu
gives '-M: nothing, exit 2' 2 '' ucs a -M
gives '-L: nothing, exit 2' 2 '' ucs a -L
serve b
serve c
before=$(everything)
run ucs a -T
run ucs a -xd
check '-xd before the first run: ?M' grep -qxF -- \
    "$(would '?M' "$B" "$T/d/g")" "$OUT/out"
same '-xd before the first run: changes nothing, makes no state' "$before"
gives '-c without files: the hints, which are none' 0 '' ucs a -c
gives '-c FILE' 0 '' ucs a -c "$t"
gives '-M: tabs between, exit 0' 0 "$(pending "chary $A $B $T" \
    "chary $A $C $T")" ucs a -M
gives '-M -P' 0 "$(pending "chary $A $C $T")" ucs a -M -P "$C"
gives '-c -r FILE' 0 '' ucs a -c -r "$t/d"
gives '-M: also what is below' 0 "$(pending \
    "chary $A $B $T" "chary $A $C $T" "chary $A $B $T/d" "chary $A $C $T/d" \
    "chary $A $B $T/d/g" "chary $A $C $T/d/g")" ucs a -M
touch -d @1103471832 "$tree/f"
chmod 640 "$tree/f"
ln -s 'a b%' "$tree/l"
gives 'check' 0 '' ucs a check
run ucs a list
tab=$(printf '\t')
id=uid=$(id -u):gid=$(id -g)
check '-L: a file' grep -qxF \
    "v1:mtime=1103471832:mode=33184:$id:type=reg:size=4$tab$T/f" "$OUT/out"
check '-L: a link' grep -qxF \
    "v1:mode=41471:$id:type=lnk:target=a%20b%25$tab$T/l" "$OUT/out"
check '-L: a directory' grep -qx "v1:mode=[0-9]*:$id:type=dir$tab$T" "$OUT/out"
before=$(state_of a)
gives '-u -P: a line for the peer' 0 '' eval 'ucs a -u -P "$B" 2>&1 | sed \
    "/^$B: 7 updated, 0 removed ([0-9]* bytes sent, [0-9]* received, [0-9]* \
ms)\$/d"'
check '-u -P: the peer has it' same_tree a b /srv
check '-u -P: the other has not' eval '[ ! -e "$(node_dir c)/srv/t" ]'
gives 'pending: what is left' 0 "$(pending "chary $A $C $T" \
    "chary $A $C $T/d" "chary $A $C $T/d/g" "chary $A $C $T/f" \
    "chary $A $C $T/l")" ucs a pending
gives '-u -q: silent' 0 '' ucs a -u -q
check '-u: the rest' same_tree a c /srv/t
gives '-M: empty again' 2 '' ucs a -M
echo edit >>"$tree/f"
echo edit >>"$tree/d/g"
gives '-u checks nothing' 0 '' ucs a push
line '-cu FILE' 0 "$B: 1 updated.*" ucs a -cu -P "$B" "$t/f"
check '-cu FILE: that file' has b edit t/f
check '-cu FILE: no other' eval '! has b edit t/d/g'
gives '-cur -q DIR' 0 '' ucs a -cur -q "$t"
check '-cur DIR: all below' same_tree a b /srv/t
check '-cur DIR: everywhere' same_tree a c /srv/t

# -x with files, letters behind them
echo more >>"$tree/f"
echo more >>"$tree/d/g"
run ucs a -x "$t/f" -v
check '-x FILE -v: what it does' grep -qxF "Updating $T/f on $B ..." "$OUT/out"
check '-x FILE -v: csync2'\''s last line' grep -qx 'Finished with 0 errors.' \
    "$OUT/out"
check '-x FILE: that file' has b more t/f
check '-x FILE: no other' eval '! has b more t/d/g'
gives '-x -r DIR -q' 0 '' ucs a -x -r "$t/d" -q
check '-x -r DIR: all below' has c more t/d/g
gives 'sync -q' 0 '' ucs a sync -q
if [ "$MODE" = namespaces ]; then
	echo relative >>"$tree/f"
	gives '-x of a relative name' 0 '' ucs a -qx srv/t/f
	check '-x of a relative name: there' has b relative t/f
fi

# -G, -j
echo g >>"$tree/f"
echo h >>"$(node_dir a)/srv/u/h"
gives '-G' 0 '' ucs a -xq -G h
check '-G: of that group' has b h u/h
check '-G: of no other' eval '! has b g t/f'
gives '-j' 0 '' ucs a -xq -j 1
check '-j: everything' same_tree a c /srv/t

# Another process holds the state's lock for a moment.
echo late >>"$tree/f"
gives '-c before the lock' 0 '' ucs a -cq "$t/f"
db=$(node_dir a)/var/lib/ucsync/$A.db
timeout 20 flock "$db" sh -c 'echo locked; exec sleep 0.5' >"$OUT/lock" &
locker=$!
await 'the lock' grep -q locked "$OUT/lock"
gives '-u while another one writes' 0 '' ucs a -uq
check '-u while another one writes: everything' same_tree a c /srv/t
wait "$locker"

# -d
echo dry >>"$tree/f"
echo new >"$tree/new"
rm "$tree/d/g"
before=$(everything)
run ucs a -xd
LC_ALL=C sort "$OUT/out" >"$OUT/dry"
gives '-xd: ?M and ?D' 0 "$(for peer in "$B" "$C"; do
	would '?D' "$peer" "$T/d/g"
	would '?M' "$peer" "$T/f"
	would '?M' "$peer" "$T/new"
done | LC_ALL=C sort)" cat "$OUT/dry"
same '-xd: changes nothing anywhere' "$before"
ucs a -qcr "$t"
before=$(everything)
run ucs a -ud -P "$B"
LC_ALL=C sort "$OUT/out" >"$OUT/dry"
gives '-ud: the same of what is pending' 0 "$(would '?D' "$B" "$T/d/g"
would '?M' "$B" "$T/f"
would '?M' "$B" "$T/new")" cat "$OUT/dry"
same '-ud: changes nothing anywhere' "$before"
gives 'then in earnest' 0 '' ucs a -xq
check 'then in earnest: alike' same_tree a b /srv/t

# Conflicts, -f
echo ours >"$tree/f"
echo theirs, longer >"$(node_dir b)/srv/t/f"
run ucs a -x -P "$B"
[ "$rc" -eq 1 ] && grep -qE "^$B: conflict on $T/f: here .*, there .*" \
    "$OUT/out" && ok 'a conflict: reported, exit 1' ||
    fail 'a conflict: reported, exit 1' "$rc $(cat "$OUT/out")"
check 'a conflict: ours is left alone' has a ours t/f
check 'a conflict: theirs is left alone' has b 'theirs, longer' t/f
gives '-f' 0 '' ucs a -f "$t/f"
gives '-M -P: force' 0 "$(pending "force $A $B $T/f")" ucs a -M -P "$B"
before=$(everything)
gives '-d: !M' 0 "$(would '!M' "$B" "$T/f")" ucs a -ud -P "$B"
same '-d of a forced file changes nothing' "$before"
run ucs a -x
[ "$rc" -eq 0 ] && has b ours t/f && ok '-f: wins, exit 0' ||
    fail '-f: wins, exit 0' "$rc $(cat "$OUT/out")"
check '-f: everywhere' same_tree b c /srv/t
line '-f of what is not known' 1 '.*/srv/t/none.*' ucs a -f "$t/none"
gives '-fr' 0 '' ucs a -fr "$t/d"
gives '-M after -fr: also removals' 0 "$(pending \
    "force $A $B $T/d" "force $A $C $T/d" \
    "force $A $B $T/d/g" "force $A $C $T/d/g")" ucs a -M
gives '-x after -fr' 0 '' ucs a -xq

# -I, -F, -y
echo quiet >"$tree/quiet"
gives '-cI' 0 '' ucs a -crI "$t"
gives '-cI: recorded, not marked' 2 '' ucs a -M
check '-cI: known' eval 'ucs a -L | grep -qF "$T/quiet"'
gives '-cI: nothing to do' 0 '' ucs a -x
rm "$tree/quiet"
gives '-cI: gone again' 0 '' ucs a -xq
echo force >"$tree/force"
gives '-cF' 0 '' ucs a -cF "$t/force"
gives '-cF: forced' 0 "$(pending "force $A $B $T/force" \
    "force $A $C $T/force")" ucs a -M
for i in $(seq 60); do
	echo $i >"$tree/d/$i"
done
gives 'sixty files' 0 '' ucs a -xq
rm "$tree"/d/*
line 'the guard: exit 1' 1 'group g: 60 of [0-9]+ files are gone.*-y' ucs a -xq
check 'the guard: nothing is removed' [ -f "$(node_dir b)/srv/t/d/60" ]
gives '-y: carried out' 0 '' ucs a -xqy
check '-y: removed' same_tree a b /srv/t/d

# Servers: -C, -p, -D, -N, -i, -iii, -l
config_as two a b <<'END'
group two {
	host @a@ @b@;
	key k;
	include @/srv/two;
}
END
mkdir "$(node_dir a)/srv/two"
echo two >"$(node_dir a)/srv/two/file"
gives '-C: another config, the same server' 0 '' ucs a -xq -C two
check '-C: there' same_tree a b /srv/two
check '-C: a state of its own' [ -f "$(node_dir a)/var/lib/ucsync/${A}_two.db" ]
echo twice >>"$(node_dir a)/srv/two/file"
echo twice >>"$tree/f"
gives '-C: and the default one' 0 '' ucs a -xq
check '-C: the default one does its own' has b twice t/f
check '-C: and nothing else' eval '! has b twice two/file'
gives '-ii and -v' 1 "$(ucs b serve -v 2>&1)" ucs b -ii -v
check 'serve: the port is taken' eval 'ucs b serve 2>&1 | grep -i "in use"'
stop b
line 'nobody there: the name of the peer' 1 "$B: .*refused.*" \
    eval 'echo x >>"$tree/f"; ucs a -x -P "$B"'
gives 'the others get it' 0 '' ucs a -xq -P "$C"
check 'the others have it' same_tree a c /srv/t
line 'the next run tries again' 1 "$B: .*refused.*" ucs a -xq
[ "$MODE" = loopback ] || serve b -p 4000
[ "$MODE" = namespaces ] || serve b
gives '-p' 0 '' ucs a -xq $([ "$MODE" = loopback ] || echo -p 4000)
check '-p: there' same_tree a b /srv/t
stop b

# once LETTERS WRAPPER...: b serves one connection.
once() {
	letters=$1
	shift
	echo "$letters $*" >>"$tree/f"
	if [ "$MODE" = namespaces ]; then
		nsenter -t "$(pid_of b)" -m -n -u -- "$@" \
		    /usr/local/sbin/ucsync $letters >"$OUT/once" 2>&1 &
	else
		start=$*
		in_place b $letters >"$OUT/once" 2>&1 &
	fi
	onced=$!
	remember once "$onced"
	port=30865
	[ "$MODE" = namespaces ] || port=$NODES_PORT
	await "a listener on b" listens b "$port"
	gives "$letters: a run" 0 '' ucs a -xq -P "$B"
	check "$letters: alike" same_tree a b /srv/t
	wait "$onced"
	gives "$letters: exit 0" 0 0 echo "$?"
}

cat >pipes <<'END'
#!/bin/sh
cat | "$@" | cat
END
chmod +x pipes
inetd_port=30865 inetd_at=0.0.0.0
[ "$MODE" = namespaces ] || inetd_port=$NODES_PORT inetd_at=$B
once -iii
once -i "$here/inetd" "$inetd_at" "$inetd_port"
once -i "$here/inetd" "$inetd_at" "$inetd_port" "$here/pipes"
if strace -o "$OUT/trace" -e inject=fcntl:error=EPERM true 2>"$OUT/err"; then
	gives '-i: a line that cannot be used is told at once' 1 \
	    'descriptor 0 cannot be used: Operation not permitted' \
	    eval '(start="strace -qq -o $OUT/trace -e inject=fcntl:error=EPERM"
	in_place b -i) </dev/null'
else
	skip '-i: a line that cannot be used' 'needs strace'
fi

serve b
if [ "$MODE" = namespaces ]; then
	config_as nick a b <<-'END'
	group n { host nick @b@; key k; include /srv/n; }
	END
	echo '10.30.0.1 nick' >>"$(node_dir a)/etc/hosts"
	mkdir "$(node_dir a)/srv/n"
	gives '-N' 0 '' ucs a -xq -C nick -N NICK
	check '-N: there' same_tree a b /srv/n
	check '-N: so it is called there' grep -q '^nick: ' \
	    "$(node_dir b)/server.log"
	check '-N: so is its state' [ -f \
	    "$(node_dir a)/var/lib/ucsync/nick_nick.db" ]
fi
gives '-x, all alike again' 0 '' ucs a -xq
mkdir "$OUT/state"
before=$(state_of a)
gives '-D' 0 '' ucs a -xq -D "$OUT/state"
check '-D: the state is there' [ -s "$OUT/state/$A.db" ]
[ "$(state_of a)" = "$before" ] && ok '-D: and nowhere else' ||
    fail '-D: and nowhere else' "the usual state changed"
gives '-l' 0 '' ucs a -l -x
stop b
stop c
