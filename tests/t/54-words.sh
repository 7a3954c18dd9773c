#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The words of the config: ignore, prefix, config, database, lock-timeout,
# tempdir, nossl, backups, exclude; links among parents; several configs.

. "$TOP/tests/nodes.sh"

nodes_up a b c
A=$(name a) B=$(name b) C=$(name c)
T=$R/srv/t
da=$(node_dir a)
db=$(node_dir b)
dc=$(node_dir c)
[ -d "$da" ] && [ -d "$db" ] && [ -d "$dc" ] || exit 1
ta=$da/srv/t
tb=$db/srv/t
tab=$(printf '\t')
me=$(id -u):$(id -g)

quiet() {
	did=$1
	shift
	run ucs "$@"
	if [ "$rc" -eq 0 ] && [ ! -s "$OUT/out" ]; then
		ok "$did"
	else
		fail "$did" "exit $rc: $(head -n 3 "$OUT/out")"
	fi
}

has() {
	[ "$(cat "$(node_dir "$1")/srv/$3")" = "$2" ]
}

# knows NODE REGEX: a line of its -L is like this.
knows() {
	ucs "$1" -L | grep -q -- "$2"
}

# like NAME STAT PATH: owner, group and mode are so.
like() {
	check "$1" [ "$(stat -c %u:%g:%a "$3")" = "$2" ]
}

# owned UID:GID: by whom it is where only root can give things away.
owned() {
	[ "$me" != 0:0 ] || me_or_it=$1
	echo "${me_or_it:-$me}"
}

give() {
	[ "$me" != 0:0 ] || chown "$@"
}

key k a b c
config a b c <<'END'
group g { host @a@ @b@ @c@; key k; include @/srv/none; }
END
serve a
serve b
serve c

# ignore: not compared, not set, in both directions.
config a b <<'END'
group g { host @a@ @b@; key k; include @/srv/t; auto younger; }
ignore uid gid mod;
END
mkdir "$ta" "$ta/d"
echo f >"$ta/f"
echo x >"$ta/d/x"
chmod 700 "$ta/d"
chmod 600 "$ta/f" "$ta/d/x"
give -R 12:34 "$ta"
quiet 'ignore: a run' a -xq
like "ignore: the receiver's owner and usual mode" "$me:644" "$tb/f"
like 'ignore: directories, too' "$me:755" "$tb/d"
check 'ignore: -L without them' \
    knows a "^v1:mtime=[0-9]*:type=reg:size=2$tab$T/f\$"
chmod 755 "$ta/f"
chmod 700 "$tb/d"
give 56:78 "$ta/d/x"
quiet 'ignore: no change' a -cr "$(at a /srv/t)"
run ucs a -M
check 'ignore: nothing is pending' [ "$rc" -eq 2 ]
echo edit >"$ta/f"
run ucs a -xq
like 'ignore: an edit leaves them' "$me:644" "$tb/f"
check 'ignore: an edit arrives' has b edit t/f
echo edit >"$tb/d/x"
chmod 604 "$tb/d/x"
quiet 'ignore: the other direction' b -xq
check 'ignore: arrives there' has a edit t/d/x
like 'ignore: leaves them there' "$(owned 56:78):600" "$ta/d/x"
config a b <<'END'
group g { host @a@ @b@; key k; include @/srv/t; auto younger; }
ignore mod;
END
echo own >"$ta/own"
chmod 600 "$ta/own"
give 12:34 "$ta/own"
run ucs a -xq
like 'ignore mod: the owner goes' "$(owned 12:34):644" "$tb/own"

# Config files among config files.
echo 'config even.cfg;' >"$da/$SYSTEM/more.cfg"
mkdir "$da/srv/more"
echo more >"$da/srv/more/f"
config b <<'END'
group more { host @a@ @b@; key k; include @/srv/more; }
END
cp "$db/$SYSTEM/ucsync.cfg" "$da/$SYSTEM/even.cfg"
sed 's/^group.*/config more.cfg;/; /^prefix/d' "$da/$SYSTEM/even.cfg" \
    >"$da/$SYSTEM/ucsync.cfg"
quiet 'config: another file' a -xq
check 'config: its groups' has b more more/f
echo 'group { host x;' >>"$da/$SYSTEM/even.cfg"
run ucs a -xq
check 'config: errors name the file and the line' grep -q \
    '/even.cfg:[0-9]*:[0-9]*: ' "$OUT/out"
echo 'config more.cfg;' >"$da/$SYSTEM/even.cfg"
run ucs a -xq
check 'config: not without end, exit 1' [ "$rc" -eq 1 ]
check 'config: not without end, one line' [ "$(wc -l <"$OUT/out")" -eq 1 ]

# nested N: the main file, and N more, each included by the one before.
nested() {
	for i in $(seq "$1"); do
		echo "config n$((i + 1)).cfg;" >"$da/$SYSTEM/n$i.cfg"
	done
	cp "$da/$SYSTEM/plain" "$da/$SYSTEM/n$1.cfg"
}
echo 'config n1.cfg;' >"$da/$SYSTEM/ucsync.cfg"
cp "$db/$SYSTEM/ucsync.cfg" "$da/$SYSTEM/plain"
nested 10
quiet 'config: ten nested files' a -xq
nested 11
line 'config: eleven are too many; the error names the file' 1 \
    '.*/n10\.cfg:1:8: .*10 nested.*"n11\.cfg"' ucs a -xq
echo 'config gone.cfg;' >"$da/$SYSTEM/n1.cfg"
line 'config: a file that is not there' 1 \
    '.*/n1\.cfg:1:8: .*"gone\.cfg".*No such file.*' ucs a -xq

# The lexical rules: blanks, quotes over lines, comments behind statements.
mkdir -p "$da/srv/blank name" "$da/srv/two
lines"
echo b >"$da/srv/blank name/f"
echo n >"$da/srv/two
lines/f"
config a b <<'END'
group	"with blanks"{host @a@ # not: @c@
	@b@
	; key "k" ;include "@/srv/blank name" "@/srv/two
lines";exclude # nothing; yet
	"*.o";}# the end
END
quiet 'quotes, comments, blanks' a -xq
check 'a quoted blank' has b b 'blank name/f'
check 'a quoted line' has b n 'two
lines/f'
gives 'a quoted group: -G' 2 '' ucs a -M -G 'with blanks'

# Keys: an absolute path, too short, of other characters, none.
echo short >"$da/$SYSTEM/short"
printf '%064d!\n' 0 >"$da/$SYSTEM/odd"
chmod 600 "$da/$SYSTEM/short" "$da/$SYSTEM/odd"
config b <<'END'
group g { host @a@ @b@; key k; include @/srv/t; auto younger; }
END
with_key() {
	config a <<END
group g { host @a@ @b@; key $1; include @/srv/t; auto younger; }
END
	echo "$1" >>"$ta/f"
}
with_key "$(at a "/$SYSTEM/k")"
run ucs a -xq
check 'key: an absolute path' [ "$rc" -eq 0 ]
with_key short
line 'key: too short' 1 '.*/short: .*too short: 5 .*32.*' ucs a -xq
with_key odd
line 'key: another character' 1 '.*/odd: .*0x21.*' ucs a -xq
with_key none
line 'key: not there' 1 '.*/none: .*No such file.*' ucs a -xq

# The stop file holds a server up, too.
with_key k
: >"$db/$SYSTEM/ucsync.lock"
run ucs a -xq
check 'a stop file there: exit 1' [ "$rc" -eq 1 ]
check 'a stop file there: nothing comes' eval '! cmp -s "$ta/f" "$tb/f"'
rm "$db/$SYSTEM/ucsync.lock"
quiet 'a stop file there: gone' a -xq
check 'a stop file there: then it comes' cmp "$ta/f" "$tb/f"

# ignore uid and gid, each alone.
for word in uid gid; do
	config a b <<END
group g { host @a@ @b@; key k; include @/srv/t; }
ignore $word;
END
	echo $word >"$ta/only-$word"
	chmod 640 "$ta/only-$word"
	give 12:34 "$ta/only-$word"
	quiet "ignore $word: a run" a -xq
done
like 'ignore uid: the group goes' \
    "${me%:*}:$(owned 12:34 | cut -d: -f2):640" "$tb/only-uid"
like 'ignore gid: the owner goes' \
    "$(owned 12:34 | cut -d: -f1):${me#*:}:640" "$tb/only-gid"

# database, nossl, tempdir.
mkdir "$OUT/temp"
config a b <<END
database $OUT/database;
nossl * *;
tempdir $OUT/temp;
group g { host @a@ @b@; key k; include @/srv/data; }
END
mkdir "$da/srv/data"
echo data >"$da/srv/data/f"
before=$(state_of a)
quiet 'database, nossl, tempdir' a -xq
check 'all is there' same_tree a b /srv/data
if [ "$MODE" = namespaces ]; then      # elsewhere -D is given
	check 'database: the state is there' [ -s "$OUT/database/$A.db" ]
	check 'database: and nowhere else' [ "$(state_of a)" = "$before" ]
fi
check 'tempdir: empty afterwards' [ -z "$(ls -A "$OUT/temp")" ]
sed -i 's|^tempdir.*|tempdir /proc;|' "$da/$SYSTEM/ucsync.cfg"
echo more >>"$da/srv/data/f"
run ucs a -x -v
check 'tempdir: a warning when elsewhere' grep -q \
    'tempdir /proc is on another file system' "$OUT/out"
check 'nossl: a word that it has no effect' grep -q 'nossl has no effect' \
    "$OUT/out"
check 'tempdir: and all goes on' same_tree a b /srv/data

# lock-timeout
config a b <<'END'
lock-timeout 1;
group g { host @a@ @b@; key k; include @/srv/data; }
END
quiet 'lock-timeout: a run' a -xq
# locked FILE CMD...: runs it while another process holds the lock.
locked() {
	held=$1
	shift
	(
		exec 9>>"$held"
		flock 9
		exec sleep 20
	) &
	remember holder $!
	await 'the lock' eval '! flock -n "$held" true'
	begun=$(date +%s)
	run "$@"
	took=$(($(date +%s) - begun))
	kill "$(pid_of holder)"
	wait "$(pid_of holder)" 2>/dev/null
	check "lock-timeout: as long as it says (${held##*.})" \
	    [ $took -ge 1 -a $took -lt 8 ]
}
echo run >>"$da/srv/data/f"
locked "$da/var/lib/ucsync/$A.db.run" ucs a -xq
check 'another run: exit 0' [ "$rc" -eq 0 ]
locked "$da/var/lib/ucsync/$A.db" ucs a -xq
check 'a locked state: exit 1' [ "$rc" -eq 1 ]
check 'a locked state: one line' [ "$(wc -l <"$OUT/out")" -eq 1 ]
quiet 'lock-timeout: afterwards' a -xq
check 'lock-timeout: all is there' same_tree a b /srv/data

# prefix: another directory on each host, named either way.
sed "s|@A|$A|; s|@B|$B|; s|@C|$C|" >"$OUT/prefixed" <<END
prefix home {
	on @A: $(at a /srv/home-a);
	on @B: $(at b /srv/home-b/deep);
	on *: $(at c /srv/home-rest);
}
group g {
	host $A $B $C;
	key k;
	include %home%/bob %home%/*.txt;
	auto younger;
}
END
for node in a b c; do
	cp "$OUT/prefixed" "$(node_dir $node)/$SYSTEM/ucsync.cfg"
done
mkdir -p "$da/srv/home-a/bob" "$db/srv/home-b/deep" "$dc/srv/home-rest"
echo bob >"$da/srv/home-a/bob/f"
echo text >"$da/srv/home-a/x.txt"
echo no >"$da/srv/home-a/no"
quiet 'prefix: -c of a path' a -c "$(at a /srv/home-a/x.txt)"
check 'prefix: -L has the name' knows a "$tab%home%/x.txt\$"
quiet 'prefix: -cr of a name' a -cr '%home%/bob'
run ucs a -M
check 'prefix: -M has names' grep -qxF "chary$tab$A$tab$B$tab%home%/bob/f" \
    "$OUT/out"
quiet 'prefix: -x' a -xq
check 'prefix: where b has it' has b bob home-b/deep/bob/f
check 'prefix: where the others have it' has c text home-rest/x.txt
check 'prefix: nothing else' [ ! -e "$db/srv/home-b/deep/no" ]
echo b1 >"$db/srv/home-b/deep/x.txt"
echo b2 >"$db/srv/home-b/deep/bob/f"
run ucs b -xq '%home%/x.txt'
check 'prefix: -x of a name' has a b1 home-a/x.txt
check 'prefix: no other' has a bob home-a/bob/f
run ucs b -xq -r "$(at b /srv/home-b/deep/bob)"
check 'prefix: -x of a path' has c b2 home-rest/bob/f
echo forced >"$dc/srv/home-rest/x.txt"
quiet 'prefix: -c' c -c '%home%/x.txt'
quiet 'prefix: -f of a path' c -f "$(at c /srv/home-rest/x.txt)"
quiet 'prefix: and all' c -xq
check 'prefix: is there' has a forced home-a/x.txt

# Several configs by one server, each with its key and its state.
for i in one two; do
	config_as $i a b <<-END
	group $i { host @a@ @b@; key $i; include @/srv/$i; }
	END
	key $i a b
	mkdir "$da/srv/$i"
	echo $i >"$da/srv/$i/f"
done
ucs a -xq -C one &
one=$!
ucs a -xq -C two &
two=$!
quiet '-C: the default one' a -xq
check '-C: one, at the same time' wait $one
check '-C: two, at the same time' wait $two
check '-C: one is there' same_tree a b /srv/one
check '-C: two is there' same_tree a b /srv/two
check '-C: a state for one' [ -s "$db/var/lib/ucsync/${B}_one.db" ]
check '-C: a state for two' [ -s "$db/var/lib/ucsync/${B}_two.db" ]
rm "$db/$SYSTEM/ucsync_one.cfg"
echo more >>"$da/srv/one/f"
echo more >>"$da/srv/two/f"
run ucs a -xq -C one
check '-C: one that the server lacks: exit 1' [ "$rc" -eq 1 ]
quiet '-C: the other goes on' a -xq -C two
check '-C: there' same_tree a b /srv/two

# Backups: exactly N, with owner, mode and the directories above.
for n in 1 2 3; do
	bak=/srv/bak$n tree=/srv/b$n
	config a <<END
group g { host @a@ @b@; key k; include @$tree; }
END
	config b <<END
group g {
	host @a@ @b@;
	key k;
	include @$tree;
	backup-directory $(at b $bak);
	$([ $n -eq 3 ] || echo "backup-generations $n;")
}
END
	mkdir -p "$da$tree/deep"
	chmod 751 "$da$tree/deep"
	give 12:34 "$da$tree/deep"
	for i in 1 2 3 4 5 6; do
		echo $i >"$da$tree/deep/f"
		give 56:78 "$da$tree/deep/f"
		chmod 64$((i % 5)) "$da$tree/deep/f"
		ln -sfn $i "$da$tree/l"
		ucs a -xqy
	done
	in=$db$bak$(at b $tree)
	want=
	for i in 5 4 3; do
		[ $i -le $((5 - n)) ] || want="$want$i "
	done
	check "$n generations: as many" [ "$(ls "$in/deep" | wc -l)" -eq $n ]
	check "$n generations: the newest first" \
	    [ "$(cat "$in/deep"/f.* | tr '\n' ' ')" = "$want" ]
	check "$n generations: links, too" [ "$(readlink "$in/l.1")" = 5 ]
	like "$n generations: owner and mode" "$(owned 56:78):640" \
	    "$in/deep/f.1"
	like "$n generations: of directories, too" "$(owned 12:34):751" \
	    "$in/deep"
done
rm "$da$tree/deep/f"
quiet 'a backup: of what is removed' a -xq
check 'a backup: it is there' \
    [ "$(cat "$in/deep"/f.* | tr '\n' ' ')" = '6 5 4 ' ]
sed -i "s|$bak;|$tree/bak;|" "$db/$SYSTEM/ucsync.cfg"
run ucs b -x -v
check 'backups among what is synced: a warning' grep -q \
    'ucsync.cfg:.*backup directory' "$OUT/out"

# What is below an excluded directory is out, however it is named.
config a <<'END'
group g {
	host @a@ @b@;
	key k;
	include @/srv/x;
	exclude @/srv/x/skip *.d;
}
END
config b <<'END'
group g { host @a@ @b@; key k; include @/srv/x; }
END
x=$da/srv/x
mkdir -p "$x/skip/sub" "$x/y.d/sub"
for i in in skip/f skip/sub/f y.d/f y.d/sub/f; do
	echo $i >"$x/$i"
done
quiet 'exclude: -x' a -xq
for i in skip skip/f skip/sub/f y.d y.d/f y.d/sub/f; do
	quiet "exclude: -c $i" a -c "$(at a "/srv/x/$i")"
	quiet "exclude: -cr $i" a -cr "$(at a "/srv/x/$i")"
	quiet "exclude: -x $i" a -x "$(at a "/srv/x/$i")"
done
check 'exclude: skip is not known' eval '! knows a skip'
check 'exclude: y.d is not known' eval '! knows a "y[.]d"'
check 'exclude: nothing of it is there' [ "$(ls "$db/srv/x")" = in ]
mkdir -p "$db/srv/x/skip/sub"
echo b >"$db/srv/x/skip/sub/f"
run ucs b -xq
check 'exclude: denied to a peer that includes it' grep -q \
    "^$A: $R/srv/x/skip/sub/f: Permission denied" "$OUT/out"
check 'exclude: exit 1 there' [ "$rc" -eq 1 ]
check 'exclude: left alone' has a skip/sub/f x/skip/sub/f

# A link among the parents: the name counts as not existing.
config a b <<'END'
group g { host @a@ @b@; key k; include @/srv/l; auto younger; }
END
mkdir -p "$da/srv/l/d" "$da/srv/out" "$db/srv/out"
echo f >"$da/srv/l/d/f"
echo out >"$da/srv/out/f"
echo out >"$da/srv/out/new"
quiet 'a directory' a -xq
rm -r "$da/srv/l/d"
ln -s ../out "$da/srv/l/d"
quiet 'a link to another: -c of what is behind' a -c "$(at a /srv/l/d/new)"
check 'what is behind it: not known' eval '! knows a new'
quiet 'a link to another: -x' a -xq
check 'a link to another: there, too' [ "$(readlink "$db/srv/l/d")" = ../out ]
check 'a link to another: nothing behind it' [ -z "$(ls "$db/srv/out")" ]
rm "$da/srv/l/d"
mkdir "$da/srv/l/d"
echo sent >"$da/srv/l/d/f"
quiet 'a directory again' a -xq
rm -r "$db/srv/l/d"
ln -s ../out "$db/srv/l/d"
echo sent again >"$da/srv/l/d/f"
run ucs a -xq
check 'a link at the receiver: nothing is written behind it' \
    [ -z "$(ls "$db/srv/out")" ]
for node in b a b; do
	run ucs $node -xq
done
check 'a link at the receiver: nor later' [ -z "$(ls "$db/srv/out")" ]
check 'a link at the receiver: alike in the end' same_tree a b /srv/l
check 'a link at the receiver: the edit stands' has b 'sent again' l/d/f
for node in a b c; do
	stop $node
done
