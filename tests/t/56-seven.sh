#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Seven hosts with one config file for all: a key of its own for each circle,
# several groups for a pair, groups without a name, hosts that only receive here
# and are members there, address names, a prefix that is elsewhere on each host,
# and a second config served by the same servers at the same time.

. "$TOP/tests/nodes.sh"

ALL='lb1 lb2 app1 app2 db1 db2 bckp1'
# shellcheck disable=SC2086 # seven names
nodes_up $ALL
[ "$MODE" = namespaces ] || {
	skip "seven hosts" "needs a root directory for each host"
	exit 0
}

has() {
	[ "$(cat "$(node_dir "$1")$3" 2>/dev/null)" = "$2" ]
}

# only FILE TEXT HOSTS: these have it so, all others have nothing there.
only() {
	file=$1
	text=$2
	shift 2
	for node in $ALL; do
		case " $* " in
		*" $node "*) has "$node" "$text" "$file" || {
			echo "$file on $node is not '$text'"
			return 1
		} ;;
		*) [ ! -e "$(node_dir "$node")$file" ] || {
			echo "$file is on $node"
			return 1
		} ;;
		esac
	done
}

put() {
	mkdir -p "$(dirname "$(node_dir "$1")$2")"
	echo "$3" >"$(node_dir "$1")$2"
}

silent() {
	gives "$1" 0 '' ucs "$2" -xq
}

all_alike() {
	for other in $ALL; do
		same_tree lb1 "$other" "$1" || return 1
	done
}

# each FUNCTION: its answers for all hosts.
each() {
	for asked in $ALL; do
		"$1" "$asked"
	done
}

# Everybody's runs, twice round.
settle() {
	for round in 1 2; do
		for node in $ALL; do
			run ucs "$node" -xq
			[ "$rc" -eq 0 ] && [ ! -s "$OUT/out" ] ||
			    echo "$node: exit $rc: $(head -n 2 "$OUT/out")"
		done
	done
}

config $ALL <<'END'
prefix data {
	on db*: /srv/db/data;
	on bckp1: /srv/backup/all;
	on app*: /srv/app;
}
group all {			# everybody
	host lb1 lb2; host app1 app2; host db1 db2; host bckp1;
	key all;
	include /srv/all;
	exclude *~;
	auto younger;
}
group { host lb1@lb1-int lb2@lb2-int; key lb; include /srv/lb; auto left; }
group { host app1 app2; key app; include /srv/app-conf; auto younger; }
group { host db1 db2; key db; include /srv/db-conf; auto younger; }
group dump {			# the databases write, who backs up receives
	host db1 db2 (bckp1); key dump; include %data%/dump;
	auto younger;
}
group restore {			# and is the member that others receive from
	host bckp1 (db1 app1); key restore; include %data%/restore;
}
group second { host app1 app2; key second; include /srv/second; }
group same { host app1 app2; key app; include /srv/same; }
END
config_as two $ALL <<'END'
group two {
	host app2 db2 bckp1;
	key two;
	include /srv/two;
	auto younger;
}
END
# Only who is in a group has its key.
key all $ALL
key lb lb1 lb2
key app app1 app2
key db db1 db2
key dump db1 db2 bckp1
key restore bckp1 db1 app1
key second app1 app2
key two app2 db2 bckp1
for node in $ALL; do
	for number in 1 2; do
		echo "10.30.0.$number lb$number-int"
	done >>"$(node_dir $node)/etc/hosts"
	serve $node || exit 1
done

# A prefix's own directory is there: one that is missing may be a lost disk.
for dir in db1/srv/db/data db2/srv/db/data bckp1/srv/backup/all app1/srv/app; do
	mkdir -p "$NODES_DIR/$dir"
done

# Each circle has what is its own.
put db1 /srv/all/f everybody
put db1 /srv/all/f~ nobody
put lb2 /srv/lb/f balancers
put app1 /srv/app-conf/f apps
put app1 /srv/second/f 'another key'
put app1 /srv/same/f 'the same key'
put db2 /srv/db-conf/f databases
put db2 /srv/db/data/dump/f dumped
put bckp1 /srv/backup/all/restore/f restored
put app2 /srv/two/f 'another config'
put app1 /srv/two/f 'not in it'
silent 'db1: all seven' db1
check 'db1: all seven have it' only /srv/all/f everybody $ALL
check 'db1: what a name excludes stays' only /srv/all/f~ nobody db1
silent 'lb2: by address names' lb2
check 'lb2: just the other one' only /srv/lb/f balancers lb1 lb2
gives 'lb2: so they are called' 0 "$(printf 'chary\tlb2-int\tlb1-int\t%s\n' \
    /srv/lb/g)" eval 'put lb2 /srv/lb/g x; ucs lb2 -cr /srv/lb/g; ucs lb2 -M'
silent 'app1: three groups, two keys, one peer' app1
check 'app1: the first' only /srv/app-conf/f apps app1 app2
check 'app1: the second key' only /srv/second/f 'another key' app1 app2
check 'app1: the second group' only /srv/same/f 'the same key' app1 app2
silent 'db2: to who only receives' db2
check 'db2: each where its prefix is' eval \
    'has db1 dumped /srv/db/data/dump/f && has db2 dumped \
    /srv/db/data/dump/f && has bckp1 dumped /srv/backup/all/dump/f'
check 'db2: nowhere else' eval '[ ! -e "$(node_dir app1)/srv/app/dump" ] &&
    [ ! -e "$(node_dir app2)/srv/app" ]'
check 'db2: its other group' only /srv/db-conf/f databases db1 db2
silent 'bckp1: a member there' bckp1
check 'bckp1: to those that receive' eval \
    'has db1 restored /srv/db/data/restore/f &&
    has app1 restored /srv/app/restore/f'
check 'bckp1: and to nobody else' eval \
    '[ ! -e "$(node_dir db2)/srv/db/data/restore" ]'

# Both configs at once, by the same servers.
put db2 /srv/all/g 'at the same time'
ucs app2 -xq -C two &
two=$!
silent 'two configs: this one' db2
check 'two configs: the other one' wait $two
check 'two configs: all have theirs' only /srv/all/g 'at the same time' $ALL
check 'two configs: the three have theirs' eval \
    'has db2 "another config" /srv/two/f &&
    has bckp1 "another config" /srv/two/f && has app1 "not in it" /srv/two/f'
check 'two configs: nothing is pending' eval \
    'ucs app2 -M -C two; [ $? -eq 2 ]'
line 'two configs: who is in none' 1 ".*no group lists this host, 'app1'.*" \
    ucs app1 -xq -C two

# Who only receives is refused, and the next run of a member puts it back.
put bckp1 /srv/backup/all/dump/f tampered
put db1 /srv/db/data/restore/f tampered
gives 'bckp1: refused by both' 1 \
    "$(for peer in db1 db2; do
	echo "$peer: %data%/dump/f: Permission denied for slave!"
done)" eval 'run ucs bckp1 -cur -q %data%/dump
    LC_ALL=C sort "$OUT/out" | uniq; (exit $rc)'
silent 'db2: puts it back' db2
check 'db2: it is back' has bckp1 dumped /srv/backup/all/dump/f
run ucs db1 -xq
check 'db1: refused there, a member elsewhere' eval '[ "$rc" -eq 1 ] &&
    [ "$(cat "$OUT/out")" = \
    "bckp1: %data%/restore/f: Permission denied for slave!" ]'
check 'db1: put back in the same run' has db1 restored \
    /srv/db/data/restore/f
put db1 /srv/db/data/dump/f 'dumped again'
silent 'db1: still a member of the other group' db1
check 'db1: received' has bckp1 'dumped again' /srv/backup/all/dump/f
rm "$(node_dir bckp1)/srv/backup/all/restore/f"
silent 'bckp1: a removal' bckp1
check 'bckp1: there, too' eval '
    [ ! -e "$(node_dir db1)/srv/db/data/restore/f" ] &&
    [ ! -e "$(node_dir app1)/srv/app/restore/f" ]'

# A file goes by the key of its group: who has another one may not send it.
sed 's|include /srv/second;|include /srv/moved;|
    s|include /srv/same;|include /srv/same /srv/second;|' \
    "$(node_dir app1)/etc/ucsync/ucsync.cfg" >"$OUT/moved"
cp "$OUT/moved" "$(node_dir app1)/etc/ucsync/ucsync.cfg"
put app1 /srv/second/f 'by the wrong key'
line 'a file under another key' 1 \
    'app2: /srv/second/f: Permission denied.*' ucs app1 -uq -cr /srv/second/f
check 'a file under another key: not taken' has app2 'another key' \
    /srv/second/f
cp "$OUT/moved" "$(node_dir app2)/etc/ucsync/ucsync.cfg"
silent 'the same config again' app1
check 'the same config again: taken' has app2 'by the wrong key' /srv/second/f

# Names and paths on the command line, each host with its own.
put db1 /srv/db/data/dump/f 'by its name'
gives 'a name of a prefix' 0 '' ucs db1 -xq %data%/dump/f
check 'a name of a prefix: there' has bckp1 'by its name' \
    /srv/backup/all/dump/f
put db2 /srv/db/data/dump/f 'by its path'
gives 'a path of a prefix' 0 '' ucs db2 -xq /srv/db/data/dump/f
check 'a path of a prefix: there' has bckp1 'by its path' \
    /srv/backup/all/dump/f

rm "$(node_dir db1)/srv/all/f~"

# One is away, and an edit by each while it is; then all runs, and all is alike.
stop db1
for node in lb1 lb2 app1 app2 db1 db2 bckp1; do
	put $node /srv/all/by-$node "$node"
	run ucs $node -xq
done
serve db1
settle >"$OUT/settled"
check 'one was away: all have all' all_alike /srv/all || cat "$OUT/settled"
settle >"$OUT/settled"
check 'everybody has nothing to say' eval \
    'cat "$OUT/settled"; [ ! -s "$OUT/settled" ]'
before=$(each state_of)
connections=$(each opens)
settle >"$OUT/settled"
check 'then nobody writes' eval '[ "$(each state_of)" = "$before" ]'
check 'nor talks' eval '[ "$(each opens)" = "$connections" ]'
for node in $ALL; do
	stop $node
done
