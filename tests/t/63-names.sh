#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Names that shells, terminals, line readers and option parsers read as
# something else, and names as long as can be: they arrive, change, turn into
# other things and go, both ways; every output shows each in one line of which
# a script can make the name again; commands take them raw.

. "$TOP/tests/nodes.sh"

nodes_up a b
[ "$MODE" = namespaces ] || {
	skip "names" "needs a root directory for each host"
	exit 0
}
key key a b
config a b <<'END'
group g {
	host a b; key key; auto younger;
	include /srv/t /srv/long;
	backup-directory /srv/old;
	action { exec "/srv/act args %%"; exec "/srv/act list"; }
}
END
a=$(node_dir a) b=$(node_dir b)
for node in $a $b; do
	mkdir "$node/srv/t" "$node/srv/out"
	cat >"$node/srv/act" <<'END'
#!/bin/sh
# Adds to NAME the list on stdin and to NAME.args the arguments.
name=$1
shift
for file; do
	printf '%s\0' "$file"
done >>"/srv/out/$name.args"
cat >>"/srv/out/$name"
END
	chmod 755 "$node/srv/act"
done
serve a -vvv && serve b -vvv || exit 1

long=$(printf '%0255d' 0)
odd=$(printf '%0127d' 0 | sed 's/0/\\0377\\001/g')
NAMES="
new\nline
\n
\n\n/etc
tab\tstop
two  blanks
\040
\040first
last\040
quo\"te
apo'strophe
\`id\`
\$(id)
\$HOME
;id;
&
|
<in
>out
*
?
[a-z]
{a,b}
~
#no
!!
-rf
--
-x
--help
-
back\\\\slash
\\\\
\\\\n
\\\\x0a
\\\\012
last\\\\
%
%%
%x%
%root%
%s%n%d
100%
cr\rback
bell\a
bs\b\b\b
\033[31mred\033[0m
\033]0;title\a
\033[2J
\0233[2J
\0302\0233[2J
nul\001x
\0177
\0377
\0376\0377
\0303
\0303x
\0340\0200\0212
\0355\0240\0200
\0342\0200\0250sep
\0342\0200\0256turn
\0303\0244\0303\0266
...
..a
.hidden
=
a=b
a:b
,
1
$long
$odd
"

# each DIR CMD...: runs CMD with ./NAME as its last argument, in DIR, for all.
each() {
	(
		cd "$1" || exit 1
		shift
		printf '%s' "$NAMES" | while IFS= read -r spelt; do
			[ -n "$spelt" ] || continue
			# the dot saves newlines at the end
			name=$(printf '%b.' "$spelt")
			name=$(printf '%s' "$name" | tr / _; echo .)
			name=${name%..}
			"$@" "./$name" || exit 1
		done
	)
}

write() {
	echo "${round:-0}" >"$1"
}

add() {
	echo more >>"$1"
}

make_dir() {
	mkdir "$1" && echo in >"$1/${1#./}"
}

point() {
	ln -sfn -- "${1#./}" "$1"
}

shift_name() {
	mv "$1" "./x${1#./?}"
}

# as_bytes: each line's escapes made bytes, with a NUL at its end.
as_bytes() {
	LC_ALL=C awk '{
		out = ""
		for (s = $0; (i = index(s, "\\")); s = substr(s, i + 4)) {
			if (substr(s, i + 1, 1) != "x")
				exit 1
			out = out substr(s, 1, i - 1) "\\0" \
			    octal(substr(s, i + 2, 2))
		}
		print out s
	}
	function octal(hex, n) {
		n = (index(h, substr(hex, 1, 1)) - 1) * 16 + \
		    index(h, substr(hex, 2, 1)) - 1
		return sprintf("%o", n)
	}
	BEGIN { h = "0123456789abcdef" }' | while IFS= read -r line; do
		printf '%b\0' "$line"
	done | LC_ALL=C sort -z
}

# no_controls FILE: neither controls nor what is no UTF-8, but tabs and lines.
no_controls() {
	! LC_ALL=C tr -d '\t\n' <"$1" | LC_ALL=C grep -q '[[:cntrl:]]' &&
	    iconv -f UTF-8 -t UTF-8 <"$1" >/dev/null
}

# real NODE [FIND...]: what is there, each with a NUL.
real() {
	seen=$(node_dir "$1")
	shift
	(cd "$seen" && find srv/t "$@" -printf '/%p\0') | LC_ALL=C sort -z
}

# shown NAME SED CMD...: the lines of CMD, cut by SED, are the names in $OUT/is.
shown() {
	said=$1
	cut=$2
	shift 2
	"$@" >"$OUT/lines" 2>&1 </dev/null
	check "$said: no controls" no_controls "$OUT/lines"
	sed -n "$cut" "$OUT/lines" | as_bytes >"$OUT/was"
	check "$said: the names, one a line" cmp "$OUT/is" "$OUT/was"
}

each "$a/srv/t" write
n=$(find "$a/srv/t" -type f -printf x | wc -c)
check "there are many names" [ "$n" -gt 60 ]
real a -type f >"$OUT/is"
shown "a dry run" 's/^?M: b *\(.*\/t\/\)/\1/p' ucs a -xd
shown "-o" '/\/t\//p' ucs a -o -r /srv/t
shown "-xvvv" 's/^Updating \(.*\/t\/.*\) on b \.\.\.$/\1/p' ucs a -xvvv
check "they arrive" same_tree a b /srv/t
check "the server's messages" no_controls "$b/server.log"
sed -n 's/^a: Updating \(.*\/t\/.*\) here \.\.\.$/\1/p' "$b/server.log" |
    as_bytes >"$OUT/was"
check "tell them, too" cmp "$OUT/is" "$OUT/was"
shown "-L" 's/.*	\(.*\/t\/\)/\1/p' ucs a -L
shown "-L there" 's/.*	\(.*\/t\/\)/\1/p' ucs b -L
shown "-S" 's/.*	\(.*\/t\/\)/\1/p' ucs a -S a b

each "$b/srv/t" add
ucs b -cr /srv/t
shown "-M" 's/^chary	b	a	\(.*\/t\/\)/\1/p' ucs b -M
shown "-T" 's/^X	b	a	\(.*\/t\/\)/\1/p' ucs b -T
shown "-TT" 's/^--- a:\(.*\/t\/\)/\1/p' ucs b -TT
rm -rf "$a"/srv/out/*
check "back, changed" ucs b -xq
check "they are the same again" same_tree a b /srv/t
real a -type f >"$OUT/is"
LC_ALL=C sort -z "$a/srv/out/args.args" >"$OUT/was"
check "an action's arguments" cmp "$OUT/is" "$OUT/was"
LC_ALL=C sort -z "$a/srv/out/args" >"$OUT/was"
check "and its list" cmp "$OUT/is" "$OUT/was"
LC_ALL=C sort -z "$a/srv/out/list" >"$OUT/was"
check "without arguments, too" cmp "$OUT/is" "$OUT/was"
(cd "$a/srv/old" && find srv/t -type f -name '*.1' -printf x | wc -c) >num
check "a backup of each" [ "$(cat num)" -eq "$n" ]
round=2
each "$b/srv/t" write
ucs b -xq
check "and a second one" [ "$(cd "$a/srv/old" && find srv/t -type f \
    -name '*.2' -printf x | wc -c)" -eq "$n" ]

# On the command line, in the directory, as they are.
hint() {
	(cd "$a/srv/t" && find . -type f -printf '%P\0') >raw
	on a sh -c 'cd /srv/t && exec xargs -0 sh -c "
	    for f; do case \$f in %*) f=./\$f;; esac; set -- \"\$@\" \"\$f\"
	    shift; done; exec ucsync $0 -- \"\$@\"" sh' "$1" <raw
}
real a -type f >"$OUT/is"
check "hints" hint -h
shown "-H" 's/^0	//p' ucs a -H
each "$a/srv/t" add
check "a check of the hints" ucs a -c
shown "-M of those" 's/^chary	a	b	//p' ucs a -M
check "marked by force" hint -fq
shown "-M of these" 's/^force	a	b	//p' ucs a -M
check "a push of files by name" hint -uq
check "they are there" same_tree a b /srv/t
check "nothing is left to do" [ -z "$(ucs a -M)" ]

# Other things of those names.
each "$a/srv/t" rm
each "$a/srv/t" make_dir
check "directories in their place" ucs a -xyq
check "arrive" same_tree a b /srv/t
real a -type d >"$OUT/is"
on a sh -c 'ucsync -cr -W 3 /srv/t 3>/srv/out/dirs'
LC_ALL=C sort -z "$a/srv/out/dirs" | sed -z '/^\/srv$/d' >"$OUT/was"
check "-W writes them as they are" cmp "$OUT/is" "$OUT/was"
each "$b/srv/t" rm -r
each "$b/srv/t" point
check "links, from there" ucs b -xyq
check "come" same_tree a b /srv/t
ucs a -L >"$OUT/lines"
check "a link's target breaks no line" no_controls "$OUT/lines"
each "$a/srv/t" rm
each "$a/srv/t" mkfifo
check "fifos" ucs a -xyq
check "are there" same_tree a b /srv/t
each "$a/srv/t" shift_name
check "renamed" ucs a -xyq
check "as well" same_tree a b /srv/t
find "$b/srv/t" -mindepth 1 -delete
check "removed there" ucs b -xyq
check "gone here" [ -z "$(ls -A "$a/srv/t")" ]

# A conflict, and what the other host says of it.
printf '\033[31mX\n%b' '\0233' >name
name=$(cat name)
config a b <<'END'
group g { host a b; key key; include /srv/t; action { exec "exit '^'3"; } }
END
sed "s/'^'/$(printf '\033')/" "$OUT/config" >"$b/etc/ucsync/ucsync.cfg"
echo 1 >"$a/srv/t/$name"
ucs a -xq >"$OUT/lines" 2>&1
check "a text of the peer's" no_controls "$OUT/lines"
check "is shown escaped" grep -q '^b: action .*exit .x1b' "$OUT/lines"
echo 12 >"$a/srv/t/$name"
echo 123 >"$b/srv/t/$name"
ucs b -cq "/srv/t/$name"
ucs a -x >"$OUT/lines" 2>&1
check "a conflict's text" no_controls "$OUT/lines"
check "has the name twice" grep -q \
    "conflict on /srv/t/.x1b\[31mX.x0a.x9b: .* '-f /srv/t/.x1b\[31mX.x0a" \
    "$OUT/lines"
ucs a -f "/srv/t/$(printf '\033nothing')" >"$OUT/lines" 2>&1
check "a name that is not there" no_controls "$OUT/lines"

# As long as can be: 4,095 bytes with a name of 255 at the end.
config a b <<'END'
group g { host a b; key key; auto younger; include /srv/long; }
END
path=/srv/long
while [ $((3839 - ${#path})) -gt 256 ]; do
	path=$path/$(printf '%0199d' 0)
done
path=$path/$(printf "%0$((3839 - 1 - ${#path}))d" 0)
check "a path that leaves 256 bytes" [ ${#path} -eq $((4095 - 256)) ]
on a mkdir -p "$path"
on a sh -c 'cd "$0" && echo deep >"$1"' "$path" "$long"
run ucs a -xq
check "4,095 bytes" [ "$rc" -eq 0 ]
check "arrive there" [ "$(on b cat "$path/$long")" = deep ]
on b sh -c 'cd "$0" && echo deeper >"$1"' "$path" "$long"
check "and back" ucs b -xq
check "changed" [ "$(on a cat "$path/$long")" = deeper ]
ucs a -L >"$OUT/lines"
check "-L has all of it" grep -q "	$path/$long\$" "$OUT/lines"
on a sh -c 'cd "$0" && mkdir d && cd d && echo x >"$1"' "$path" "$long"
run ucs a -xq
check "longer ones are told" [ "$rc" -eq 1 ]
check "in one line" [ "$(wc -l <"$OUT/out")" -eq 1 ]
check "with the reason" grep -q 'ame too long' "$OUT/out"
on a sh -c 'cd "$0" && rm -r d' "$path"
ucs a -xq
on b chmod 0 /srv/long
on a sh -c 'rm -r /srv/long/*'
on b chmod 755 /srv/long
run ucs a -xyq
check "and they go" [ "$rc" -eq 0 ] && [ -z "$(on b ls /srv/long)" ]
