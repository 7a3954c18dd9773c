#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Who may do what: hosts that only receive, hosts under other address names,
# several groups for a file and for a pair, keys that are changed one host at a
# time.

. "$TOP/tests/nodes.sh"

nodes_up a b c d
A=$(name a) B=$(name b) C=$(name c) D=$(name d)
T=$R/srv/t
ta=$(node_dir a)/srv/t
tb=$(node_dir b)/srv/t
tc=$(node_dir c)/srv/t
td=$(node_dir d)/srv/t

# gives NAME STATUS TEXT CMD...: exactly this comes out, in any order.
gives() {
	gave=$1
	want=$2
	printf '%s' "${3:+$3
}" | LC_ALL=C sort >"$OUT/want"
	shift 3
	run "$@"
	LC_ALL=C sort "$OUT/out" >"$OUT/sorted"
	if [ "$rc" -eq "$want" ] && cmp -s "$OUT/want" "$OUT/sorted"; then
		ok "$gave"
	else
		fail "$gave" "exit $rc, not $want, or other text (> came)"
		diff "$OUT/want" "$OUT/sorted"
	fi
}

# denied PEER NAME...: what a host that only receives is told.
denied() {
	told=$1
	shift
	for one; do
		echo "$told: $R/srv/$one: Permission denied for slave!"
	done
}

has() {
	[ "$(cat "$(node_dir "$1")/srv/$3")" = "$2" ]
}

no_file() {
	[ ! -e "$(node_dir "$1")/srv/$2" ]
}

# Hosts in parentheses.
config a b c d <<'END'
group g {
	host @a@ @b@ (@c@ @d@);
	key k;
	include @/srv/t;
	auto younger;
}
END
key k a b c d
for node in a b c d; do
	serve $node
done
mkdir -p "$ta/d"
for i in f gone mode revert x; do
	echo $i >"$ta/$i"
done
ln -s f "$ta/link"
echo g >"$ta/d/g"
run ucs a -xq
for node in b c d; do
	check "a member's files: on $node" same_tree a $node /srv/t
done
gives 'nothing to do: silent' 0 '' ucs c -x
before=$(state_of c)
gives 'nothing to do: again' 0 '' ucs c -x
[ "$(state_of c)" = "$before" ] && ok 'nothing to do: nothing is written' ||
    fail 'nothing to do: nothing is written' "the state changed"

echo theirs, and longer >"$tc/f"
rm "$tc/gone" "$tc/d/g" "$tc/link"
ln -s elsewhere "$tc/link"
chmod 600 "$tc/mode"
mkdir "$tc/own"
echo new >"$tc/own/new"
names='t/f t/gone t/link t/mode t/d/g'
ours=$(listing "$ta"; listing "$tb")
gives '-cr: exit 0' 0 '' ucs c -cr "$(at c /srv/t)"
gives '-M: what deviates' 0 "$(for n in $names; do
	printf 'chary\t%s\t%s\t%s\n' "$C" "$A" "$R/srv/$n" "$C" "$B" "$R/srv/$n"
done)" ucs c -M
before=$(state_of c)
run ucs c -cr "$(at c /srv/t)"
[ "$(state_of c)" = "$before" ] && ok 'a second -c writes nothing' ||
    fail 'a second -c writes nothing' "the state changed"
before=$(state_of a; state_of b; state_of c; listing "$tc")
run ucs c -xdq
[ "$rc" -eq 1 ] && [ "$(state_of a; state_of b; state_of c
    listing "$tc")" = "$before" ] &&
    ok '-xd: exit 1, and nothing changes' ||
    fail '-xd: exit 1, and nothing changes' "exit $rc, or something changed"
# shellcheck disable=SC2086 # words
gives '-x: each name, exit 1' 1 "$(denied "$A" $names)" ucs c -xq -P "$A"
check '-x: the members have what they had' [ \
    "$(listing "$ta"; listing "$tb")" = "$ours" ]
check '-x: what only it has is left alone' has c new t/own/new
run ucs c -x -v
check '-x -v: names it' grep -qF "$T/own/new is only here" "$OUT/out"
check '-x: exit 0 now' [ "$rc" -eq 0 ]
check 'what only it has: not sent' no_file a t/own
gives 'what only it has: not pending' 2 '' ucs c -M
check 'what only it has: not known' eval '! ucs c -L | grep -qF own'
rm -r "$tc/own"
check 'as the members have it' same_tree a c /srv/t

# The same through the other member, and through a member's own run.
echo again >"$tc/f"
stop a
run ucs c -xq
check 'a dead member: exit 1' [ "$rc" -eq 1 ]
check 'a dead member: the other one puts it back' same_tree b c /srv/t
serve a
gives 'put back: silent' 0 '' ucs c -xq
echo again >"$tc/f"
rm "$tc/x"
gives '-cu: denied' 1 "$(denied "$A" t/f t/x; denied "$B" t/f t/x)" \
    ucs c -cur -q "$(at c /srv/t)"
check '-cu: takes nothing' has c again t/f
run ucs a -xq
check "a member's next run puts it back" same_tree a c /srv/t
gives 'nothing deviates then' 2 '' eval 'ucs c -cr / && ucs c -M'

# Undone by hand.
cp -p "$tc/revert" "$OUT/revert"
echo edit >"$tc/revert"
mv "$tc/x" "$OUT/x"
run ucs c -cr /
check 'edited by hand: deviates' eval '[ "$(ucs c -M | wc -l)" = 4 ]'
cp -p "$OUT/revert" "$tc/revert"
mv "$OUT/x" "$tc/x"
gives 'undone by hand: nothing to say' 0 '' ucs c -xq

# Members win, whatever it is.
echo 'here, much longer and younger' >"$tc/f"
echo short >"$ta/f"
touch -d '2 days ago' "$ta/f"
echo here >"$tc/x"
rm "$ta/x" "$ta/d/g"
mkdir "$tc/gone.d"
gives "a member's edit and removals: exit 0" 0 '' eval 'ucs a -xq 2>/dev/null'
rmdir "$tc/gone.d"
check "a member's edit wins, and its removal" same_tree a c /srv/t
echo back >"$tc/x"
gives 'what members removed: denied' 1 "$(denied "$A" t/x)" \
    ucs c -xq -P "$A"
check 'what members removed goes again' same_tree a c /srv/t
gives '-f: not here' 1 \
    "$T/f: this host only receives it; say -f on one that may change it" \
    ucs c -f "$(at c /srv/t/f)"

# Two of them have nothing to say to each other.
echo c >"$tc/f"
echo d >"$td/f"
before=$(opens c)
gives 'no session' 0 '' eval 'ucs c -cr / -P "$D"; ucs c -u -P "$D"'
check 'no connection either' [ "$(opens c)" = "$before" ]
run ucs c -xq
run ucs d -xq
for node in b c d; do
	check "everybody on $node" same_tree a $node /srv/t
done
echo n >"$tb/n"
run ucs b -xq
check 'the other member may' eval 'has a n t/n && has d n t/n'

# A full member of one group, a receiver of another.
config a b c d <<'END'
group up { host @a@ (@c@); key k; include @/srv/t @/srv/up; }
group down { host @c@ (@d@); key k; include @/srv/t @/srv/down; }
END
mkdir "$(node_dir a)/srv/up" "$(node_dir c)/srv/down"
echo up >"$(node_dir a)/srv/up/u"
echo down >"$(node_dir c)/srv/down/d"
run ucs a -xq
run ucs c -xq
check 'up: received' has c up up/u
check 'up: not passed on' no_file d up
check 'down: sent' has d down down/d
echo from c >"$tc/n"
gives "c's edit: silent" 0 '' ucs c -xq
check "c's edit: goes down" has d 'from c' t/n
check "c's edit: does not go up" has a n t/n
echo from a, next >"$ta/n"
run ucs a -xq
check "a's edit: wins on c" has c 'from a, next' t/n
run ucs c -xq
check "a's edit: passed on to d" has d 'from a, next' t/n
for node in a b c d; do
	stop $node
done

# A chain of groups with different keys, some without names: what comes from
# one end reaches the other, though no group has both.
config a b c d <<'END'
group { host @a@ @b@; key ab; include @/srv/chain; exclude *.b; }
group { host @b@ @c@; key bc; include @/srv/chain; auto younger; }
group { host @c@ @d@; key cd; include @/srv/chain; auto left; }
group second { host @a@ @b@; key second; include @/srv/second; }
END
key ab a b
key bc b c
key cd c d
key second a b
for node in a b c d; do
	serve $node
done
for dir in chain second; do
	mkdir "$(node_dir a)/srv/$dir"
	echo $dir >"$(node_dir a)/srv/$dir/f"
done
echo no >"$(node_dir a)/srv/chain/x.b"
gives 'a chain: a' 0 '' ucs a -xq
check 'two groups of a pair, two keys: both' same_tree a b /srv/second
check 'a chain: b has it' has b chain chain/f
check "a chain: what a's group leaves out" no_file b chain/x.b
gives 'a chain: b' 0 '' ucs b -xq
gives 'a chain: c' 0 '' ucs c -xq
check 'a chain: d has it' has d chain chain/f
echo back >"$(node_dir d)/srv/chain/f"
echo b >"$(node_dir d)/srv/chain/y.b"
gives 'and back: d' 0 '' ucs d -xq
gives 'and back: c' 0 '' ucs c -xq
gives 'and back: b' 0 '' ucs b -xq
check 'and back: a has it' has a back chain/f
check 'and back: what a does not want' no_file a chain/y.b
check 'and back: b wants it' has b b chain/y.b
for node in a b c d; do
	gives "and back: all is said on $node" 2 '' ucs $node -M
done
rm "$(node_dir a)/srv/chain/f"
gives 'a removal: a' 0 '' ucs a -xq
gives 'a removal: b' 0 '' ucs b -xq
gives 'a removal: c' 0 '' ucs c -xq
check 'a removal: at the end' no_file d chain/f
key ab a                                # a new one, on one side alone
echo more >"$(node_dir a)/srv/chain/f"
echo more >"$(node_dir a)/srv/second/f"
run ucs a -xq
check 'a wrong key: exit 1, one line' eval \
    '[ "$rc" -eq 1 ] && [ "$(wc -l <"$OUT/out")" -eq 1 ]'
check 'a wrong key: nothing comes' no_file b chain/f
check 'a wrong key: the other group goes on' has b more second/f
for node in a b c d; do
	stop $node
done

# A new key, one host at a time.
key old a b
key new a b
serve b
serve a
turn=0
for step in 'old;:old;' 'old; key new;:old;' 'old; key new;:old; key new;' \
    'new; key old;:old; key new;' 'new; key old;:new; key old;' \
    'new;:new; key old;' 'new;:new;'; do
	turn=$((turn + 1))
	config a <<-END
	group g { host @a@ @b@; key ${step%:*} include @/srv/keys; }
	END
	config b <<-END
	group g { host @a@ @b@; key ${step#*:} include @/srv/keys; }
	END
	mkdir -p "$(node_dir a)/srv/keys"
	echo $turn >"$(node_dir a)/srv/keys/f"
	gives "a new key, step $turn: a" 0 '' ucs a -xq
	check "a new key, step $turn: there" has b $turn keys/f
	echo $turn >"$(node_dir b)/srv/keys/g"
	gives "a new key, step $turn: b" 0 '' ucs b -xq
	check "a new key, step $turn: back" has a $turn keys/g
done
stop a
stop b

# Other address names: host a@address.
if [ "$MODE" != namespaces ]; then
	skip 'host a@address' "needs namespaces"
	exit 0
fi
for node in a b c; do
	for of in a b c; do
		echo "10.30.0.$(number_of $of) $of-eth1"
	done >>"$(node_dir $node)/etc/hosts"
done
config a b c <<'END'
group plain { host a b c; key k; include /srv/plain; }
group eth {
	host a@a-eth1 B@B-ETH1 (c@c-eth1);
	key k;
	include /srv/eth;
	auto left;
}
END
for node in a b c; do
	serve $node
done
for dir in plain eth; do
	mkdir "$(node_dir a)/srv/$dir"
	echo $dir >"$(node_dir a)/srv/$dir/f"
done
gives 'a@address: -c' 0 '' ucs a -cr /
gives 'a@address: -M, names and order' 0 "$(printf 'chary\t%s\t%s\t%s\n' \
    a b-eth1 /srv/eth a c-eth1 /srv/eth a b-eth1 /srv/eth/f \
    a c-eth1 /srv/eth/f a b /srv/plain a c /srv/plain a b /srv/plain/f \
    a c /srv/plain/f | sed '/eth/s/	a	/	a-eth1	/')" ucs a -M
gives 'a@address: -P takes that name' 0 '' ucs a -uq -P b-eth1
check 'a@address: there' same_tree a b /srv/eth
check 'a@address: and nothing else' no_file b plain
check 'a@address: so it is called' eval \
    'ucs a -u -P c-eth1 -v 2>&1 | grep -qF "Connecting to host c-eth1"'
gives 'a@address: the rest' 0 '' ucs a -xq
check 'plain: there' same_tree a c /srv/plain
echo b >"$(node_dir b)/srv/eth/f"
echo a >"$(node_dir a)/srv/eth/f"
run ucs b -xq
check 'a@address: left is a' has b a eth/f
echo c >"$(node_dir c)/srv/eth/f"
run ucs c -xq -P a-eth1
check 'a@address: a receiver by that name' grep -qxF \
    'a-eth1: /srv/eth/f: Permission denied for slave!' "$OUT/out"
check 'a@address: put back' has c a eth/f
for node in a b c; do
	stop $node
done
