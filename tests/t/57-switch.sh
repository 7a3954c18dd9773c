#!/bin/sh
# SPDX-License-Identifier: ISC
#
# README's recipe: a cluster that ran csync2 (the installed one, where there is
# one) goes on with ours, on the same configuration, keys and directories,
# without a conflict and without a file being sent.

export NODES_AS=csync2
. "$TOP/tests/nodes.sh"

nodes_up a b c
[ "$MODE" = namespaces ] || {
	skip "switching a cluster" "needs a root directory for each host"
	exit 0
}
config a b c <<'END'
nossl * *;
group web {
	host a b;
	host c;
	key /etc/csync2.key;
	include /srv/t;
	exclude *~;
	auto none;
	backup-directory /var/lib/backup;
}
END
key csync2.key a b c
mkdir -p "$(node_dir a)/srv/t/d"
for i in 1 2 3 4 5; do
	echo $i >"$(node_dir a)/srv/t/d/$i"
done
ln -s d "$(node_dir a)/srv/t/l"
chmod 640 "$(node_dir a)/srv/t/d/2"
touch -d @1100000000 "$(node_dir a)/srv/t/d/"*  # csync2 has whole seconds

# Whether theirs works here: what it has no hints of ends with 2.
theirs=/usr/sbin/csync2
mkdir -p "$(node_dir a)/var/lib/csync2"
run on a $theirs -H
[ "$rc" -eq 2 ] || theirs=

# The last run of csync2, else what it leaves.
for node in a b c; do
	mkdir -p "$(node_dir $node)/var/lib/csync2"
	if [ "$theirs" ]; then
		setpriv --pdeathsig KILL nsenter -t "$(pid_of $node)" -m -n -u \
		    -- $theirs -ii >"$OUT/theirs" 2>&1 </dev/null &
		remember "theirs_$node" $!
		await "their server" listens $node 30865
	else
		[ $node = a ] || cp -a "$(node_dir a)/srv/t" \
		    "$(node_dir $node)/srv"
		echo junk >"$(node_dir $node)/var/lib/csync2/$node.db3"
	fi
done
if [ "$theirs" ]; then
	check "csync2's last run" on a $theirs -x
	for node in a b c; do
		kill "$(pid_of theirs_$node)"
		wait "$(pid_of theirs_$node)" 2>/dev/null
	done
fi
for node in b c; do
	check "equal trees on $node" same_tree a $node /srv/t
done
echo differs >"$(node_dir c)/srv/t/d/5"
before=$(listing "$(node_dir a)/srv"; listing "$(node_dir b)/srv")

# Ours: what is there is known and not marked, on one host after the other.
for node in a b c; do
	# what is to be said of a config is said once
	gives "-cIr / on $node" 0 "/etc/csync2.cfg:1:1: nossl has no effect: \
all that is sent is encrypted" ucs $node -cIr /
	gives "nothing is marked on $node" 2 '' ucs $node -M
	check "all is known on $node" \
	    [ "$(ucs $node -L | wc -l)" -eq 8 ]
	serve $node
done
gives '-T: what still differs' 0 "$(printf 'X\ta\tc\t/srv/t/d/5')" ucs a -T
for node in a b c a; do
	gives "a silent -x on $node" 0 '' ucs $node -x
done
check 'nothing was sent, nothing was saved' eval \
    '[ "$(listing "$(node_dir a)/srv"; listing "$(node_dir b)/srv")" = \
    "$before" ] && ! ls "$(node_dir b)/var/lib/backup" 2>/dev/null'
gives '-f where it is right' 0 '' ucs a -f /srv/t/d/5
check 'then -x' ucs a -xq
gives '-T: nothing differs' 2 '' ucs a -T

# And on it goes: cron's lines on all hosts, edits and removals by each.
echo edit >"$(node_dir b)/srv/t/d/1"
rm "$(node_dir c)/srv/t/d/2"
echo new >"$(node_dir a)/srv/t/new"
chmod 600 "$(node_dir a)/srv/t/d/3"
for node in a b c; do
	gives "cron on $node" 0 '' ucs $node -xq
done
for node in a b; do
	ucs $node -xq
	check "alike on $node" same_tree c $node /srv/t
done
check 'an edit is there' [ "$(cat "$(node_dir a)/srv/t/d/1")" = edit ]
check 'a removal is there' [ ! -e "$(node_dir a)/srv/t/d/2" ]
check "csync2's old database is left alone" eval \
    'ls "$(node_dir a)/var/lib/csync2/"*.db3'
for node in a b c; do
	stop $node
done

# With -cr / instead all is offered once: equal files are no conflict.
for node in a b c; do
	rm "$(node_dir $node)/var/lib/csync2/$node.db"
	gives "-cr / on $node" 0 '' ucs $node -cr /
	serve $node
done
for node in a b c; do
	run ucs $node -x
	check "-cr /: -x on $node: exit 0" [ "$rc" -eq 0 ]
	check "-cr /: -x on $node: no conflict, nothing sent" eval \
	    '! grep -v ": 0 updated, 0 removed (" "$OUT/out"'
done
gives '-cr /: all is settled' 2 '' ucs a -M
check '-cr /: still alike' same_tree a b /srv/t
for node in a b c; do
	stop $node
done
