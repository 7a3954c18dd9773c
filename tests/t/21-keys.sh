#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Who may open which line, and what may be written through it: keys of
# receive-only hosts, forged configurations on the other side, several keys
# between two hosts, and changing a key without a run that fails.

. "$TOP/tests/nodes.sh"

nodes_up a b c d
etc() {
	echo "$(node_dir "$1")/$SYSTEM"
}

# put NODE FILE TEXT, has NODE FILE TEXT
put() {
	mkdir -p "$(dirname "$(node_dir "$1")$2")"
	echo "$3" >"$(node_dir "$1")$2"
}

has() {
	[ "$(cat "$(node_dir "$1")$2" 2>/dev/null)" = "$3" ]
}

# all_run NODE...: -x on each, one after the other.
all_run() {
	for each; do
		ucs "$each" -x || return 1
	done
}

# refused NAME NODE TEXT [ARG...]: -x there fails and says TEXT.
refused() {
	about=$1 who=$2 text=$3
	shift 3
	run ucs "$who" -x "$@"
	if [ "$rc" -eq 1 ] && grep -q -e "$text" "$OUT/out"; then
		ok "$about"
	else
		fail "$about" "exit $rc, or no '$text'"
		cat "$OUT/out"
	fi
}

# server_says NAME NODE TEXT: its newest lines have it.
server_says() {
	log=$(node_dir "$2")/server.log
	if tail -n 3 "$log" | grep -q -e "$3"; then
		ok "$1"
	else
		fail "$1" "no '$3'"
		tail -n 3 "$log"
	fi
}

#### The key of a host that only receives.

groups='group g { host @a@ @b@ (@c@) (@d@); key key; include @/srv/t; }'
config a b c d <<END
$groups
END
key key a b
for node in c d; do
	run "$UCSYNC" keygen --for "$(name $node)" "$(etc a)/key"
	mv "$(etc a)/key.$(name $node)" "$(etc $node)/key"
done
check "keygen --for says what it wrote" grep -q "$(etc a)/key.$(name d): " \
    "$OUT/out"
check "it is nobody else's to read" [ "$(stat -c %a "$(etc c)/key")" = 600 ]
for node in a b c d; do
	mkdir "$(node_dir $node)/srv/t"
	serve $node || exit 1
done

put a /srv/t/one one
check "with its own key a receive-only host is reached" all_run a
check "it has what was brought" has c /srv/t/one one
rm "$(node_dir c)/srv/t/one"
refused "it can ask" c 'slave'
ucs a -x
check "and gets what it asked for" has c /srv/t/one one

put c /srv/t/mine mine
check "what it has more is its own" ucs c -x
check "and nobody gets it" [ ! -e "$(node_dir a)/srv/t/mine" ]

refused "it cannot say that it is another host" c \
    "is the key of $(name c) alone" -P "$(name a)" -N "$(name b)"

# A forged configuration: c is a member, and its key a group's.
forge() {
	sed -i "s/($(name "$1"))/$(name "$1")/" "$(etc "$1")/$AS.cfg"
	sed -i 2d "$(etc "$1")/key"
}
true_again() {
	mv "$(etc "$1")/true.cfg" "$(etc "$1")/$AS.cfg"
	mv "$(etc "$1")/true.key" "$(etc "$1")/key"
	rm -r "$(node_dir "$1")/var/lib/$AS"
}
for node in c d; do
	cp -p "$(etc $node)/$AS.cfg" "$(etc $node)/true.cfg"
	cp -p "$(etc $node)/key" "$(etc $node)/true.key"
	forge $node
done
put c /srv/t/mine forged
refused "forged: as another host it is not known" c \
    "$(name a): the peer has another key" -P "$(name a)" -N "$(name b)"
server_says "and the server says so" a \
    "it says it is $(name b), and has another key"
refused "forged: as itself it cannot offer" c "$(name a): .*slave"
check "forged: nothing arrives" [ ! -e "$(node_dir a)/srv/t/mine" ]
refused "forged: nothing at the other member" c "$(name b): .*slave"
check "forged: nothing arrives there" [ ! -e "$(node_dir b)/srv/t/mine" ]
true_again c
refused "two that only receive do not connect" d \
    "$(name c): the peer has another key, or no group with us both"
server_says "and the other one says so" c \
    "it says it is $(name d) and calls us $(name c): no group has both"
true_again d
rm "$(node_dir c)/srv/t/mine"

#### Two keys between two hosts: each opens its own groups alone.

two="$groups
group two { host @a@ @b@; key second; include @/srv/u; }"
config a b c d <<END
$two
END
key second a b
for node in a b; do
	mkdir "$(node_dir $node)/srv/u"
done
put a /srv/u/two two
check "two keys, two lines" all_run a
check "both groups arrive" has b /srv/u/two two

# On b the second key opens the first group, too.
config b <<END
group g { host @a@ @b@; key second; include @/srv/t; }
group two { host @a@ @b@; key second; include @/srv/u; }
END
put b /srv/t/one forged
put b /srv/u/two more
refused "a key does not open another key's group" b \
    'one.*no group of both hosts has it'
check "it stays as it was" has a /srv/t/one one
check "its own group goes on" has a /srv/u/two more
config a b c d <<END
$two
END
ucs a -x >/dev/null 2>&1

config b <<END
group g { host @a@ @b@; key second; key key; include @/srv/t; }
group two { host @a@ @b@; key second; include @/srv/u; }
END
refused "nor where it is one of two" b 'one.*no group of both hosts has it'
check "and it stays as it was" has a /srv/t/one one
config a b c d <<END
$two
END
put b /srv/t/one one
ucs b -x -f "$(at b /srv/t/one)" >/dev/null 2>&1
ucs b -x >/dev/null 2>&1

#### What is wrong is said on both sides, with the peer's name.

key other b
mv "$(etc b)/key" "$(etc b)/key.true"
mv "$(etc b)/other" "$(etc b)/key"
put a /srv/t/three three
refused "another key at the peer" a "$(name b): the peer has another key"
server_says "the peer says who came" b \
    "it says it is $(name a), and has another key"
mv "$(etc b)/key.true" "$(etc b)/key"
ucs a -x >/dev/null 2>&1
check "and it is mended" has b /srv/t/three three

# The same names in a configuration that the peer does not have.
config_as more a <<END
$groups
END
refused "no such configuration there" a "$(name b): the peer has .* no group" \
    -C more -P "$(name b)"
server_says "which the peer says" b "_more.cfg: No such file"
config_as more a b <<END
group g { host @a@ (@c@) (@d@); key key; include @/srv/t; }
group h { host @b@ (@c@); key key; include @/srv/t; }
END
config_as more a <<END
$groups
END
refused "no group of both there" a "$(name b): the peer has .* no group" \
    -C more -P "$(name b)"
server_says "which it says, too" b \
    "it says it is $(name a) and calls us $(name b): no group has both"

# A key file that others can read serves nobody.
chmod 644 "$(etc a)/key"
run ucs a -ii
check "no server with a key that others can read" [ "$rc" = 1 ]
check "it says how to mend it" grep -q 'chmod 600 .*key' "$OUT/out"
put a /srv/t/three open
refused "no line either" a 'others can read or change it (mode 644)'
chmod 600 "$(etc a)/key"
cp -p "$(etc a)/key" "$(etc a)/second.true"
mv "$(etc a)/second" "$(etc a)/second.own"
mv "$(etc a)/second.true" "$(etc a)/second"
run ucs a -ii
check "one key in two files of two hosts: no server" \
    grep -q 'or hold one key' "$OUT/out"
mv "$(etc a)/second.own" "$(etc a)/second"

#### Changing the key: host by host, and no run fails.

key_line='key key;'
write() {
	sed "s/key key;/$1/" "$(etc "$2")/true" >"$(etc "$2")/$AS.cfg"
}
config a b c d <<END
$groups
END
for node in a b c d; do
	cp "$(etc $node)/$AS.cfg" "$(etc $node)/true"
done
key key2 a b
for node in c d; do
	"$UCSYNC" keygen --for "$(name $node)" "$(etc a)/key2" 2>/dev/null
	mv "$(etc a)/key2.$(name $node)" "$(etc $node)/key2"
done
check "before the change" all_run a b c d
count=0
changed() {
	count=$((count + 1))
	put a /srv/t/turn "$count"
	all_run a b c d && has b /srv/t/turn $count &&
	    has c /srv/t/turn $count && has d /srv/t/turn $count || return 1
	put b /srv/t/turn "$count b"
	all_run b c d a && has a /srv/t/turn "$count b" &&
	    has d /srv/t/turn "$count b" && rm "$(node_dir c)/srv/t/turn" &&
	    { ucs c -x >/dev/null 2>&1 || [ $? -eq 1 ]; } &&
	    has c /srv/t/turn "$count b"
}
for step in 'key key; key key2;' 'key key2; key key;' 'key key2;'; do
	for node in c a d b; do
		write "$step" $node
		check "$step at $node: every run goes well" changed
	done
	step=
done
for node in a b c d; do
	rm "$(etc $node)/key"
done
check "the old key is not needed any more" changed
