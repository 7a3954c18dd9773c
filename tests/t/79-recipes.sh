#!/bin/sh
# SPDX-License-Identifier: ISC
#
# README's recipes: the files and commands of each, word for word, on three
# hosts, and whether what it promises comes about. ssh, scp, nginx and what else
# it calls are stand-ins of a few lines, that note how they were called.

. "$TOP/tests/nodes.sh"

NODES_BIND="$NODES_BIND root"
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH HOME=/root
HOSTS='alpha beta gamma'
nodes_up $HOSTS
[ "$MODE" = namespaces ] || {
	skip 'the recipes' 'need a root directory for each host'
	exit
}
stand_in_ssh $HOSTS
stand_in nginx $HOSTS <<'END'
case $1 in
-t)
	! grep -r mistake /etc/nginx
	;;
-s)
	cat /etc/nginx/nginx.conf >>/run/nginx.loaded
	;;
esac
END
stand_in nft $HOSTS <<'END'
echo "nft $*" >>/run/called
END
stand_in service $HOSTS <<'END'
echo "service $*" >>/run/called
END
stand_in systemctl $HOSTS </dev/null
stand_in dpkg-divert $HOSTS <<'END'
for file; do :; done
rm "$file"
END

# recipe FIRST: its blocks are $OUT/block.1 and so on from now on.
recipe() {
	about=${1#* }
	rm -f "$OUT"/block.*
	awk -v out="$OUT/block." -v first="$1." '
	/^Coming from csync2/ { exit }
	!/^ / && last == "" {
		if ($0 ~ /^(Cron|An? [a-z ]*|Aut[a-z ]*|In csync2[^.]*)[.]/)
			on = index($0, first " ") == 1
	}
	on && /^    / {
		if (last == "" && $1 == "#")
			n++
		sub(/^    /, "")
		print >(out n)
	}
	on && /^$/ && n {
		print >(out n)
	}
	{ last = $0 }' "$TOP/README"
	[ -s "$OUT/block.1" ] || {
		fail "$about" 'not in README'
		exit 1
	}
	for each in $HOSTS; do
		stop $each
		rm -rf "$(node_dir $each)/$SYSTEM" "$(node_dir $each)"/srv/* \
		    "$(node_dir $each)"/var/lib/*ucsync
		mkdir "$(node_dir $each)/$SYSTEM"
	done
}

# put: what is in the recipe's block $1 is a file on the hosts that follow.
put() {
	file=$(sed -n '1s/^# //p' "$OUT/block.$1")
	sed 's/192\.168\.1\./10.30.0./g' "$OUT/block.$1" >"$OUT/file"
	shift
	for each; do
		mkdir -p "$(dirname "$(node_dir $each)$file")"
		cp "$OUT/file" "$(node_dir $each)$file"
	done
}

# type N: its commands, on the hosts that it names; all end with 0.
type() {
	where=$(sed -n '1s/^# on \([a-z, ]*\).*/\1/p' "$OUT/block.$1")
	[ "$where" != 'each host' ] || where=$HOSTS
	[ -n "$where" ] || return 1
	for each in $(echo "$where" | tr -d ,); do
		run on $each sh -e "$OUT/block.$1"
		cat "$OUT/out"
		[ "$rc" -eq 0 ] || return 1
	done
}

serve_all() {
	for each in $HOSTS; do
		serve $each "$@"
	done
}

all_sync() {
	for each in $HOSTS; do
		on $each ucsync sync -q || return 1
	done
}

alike() {
	same_tree alpha beta "$1" && same_tree alpha gamma "$1"
}

# write HOST FILE TEXT; reads HOST FILE TEXT
write() {
	mkdir -p "$(dirname "$(node_dir $1)$2")"
	echo "$3" >"$(node_dir $1)$2"
}

reads() {
	[ "$(cat "$(node_dir $1)$2" 2>/dev/null)" = "$3" ]
}

web() {
	for each in $HOSTS; do
		cat >"$(node_dir $each)/$SYSTEM/ucsync.cfg" <<-'END'
		group web {
			host alpha beta gamma;
			key key;
			include /srv/www;
		}
		END
		mkdir "$(node_dir $each)/srv/www"
	done
	key key $HOSTS
}

#### Cron
recipe Cron
put 1 $HOSTS
web
serve_all
write alpha /srv/www/index.html hello
line=$(sed -n 's|^\*/5 \* \* \* \* root ||p' "$OUT/file")
gives 'cron: silent' 0 '' on alpha \
    env -i "$(grep ^PATH= "$OUT/file")" /bin/sh -c "$line"
check 'cron: alike' alike /srv/www

#### A pair of routers
recipe 'A pair of routers'
put 1 alpha beta
key key alpha beta
for host in alpha beta; do
	serve $host
	mkdir "$(node_dir $host)/etc/dnsmasq.d"
	write $host /etc/dnsmasq.d/local.conf "I am $host"
done
write alpha /etc/nftables.conf rules
write beta /etc/dnsmasq.d/hosts.conf 'address=/x/1.2.3.4'
check 'routers: alpha' on alpha ucsync sync -q
check 'routers: beta' on beta ucsync sync -q
check 'routers: the rules are there' reads beta /etc/nftables.conf rules
check "routers: and the other's names" same_tree alpha beta \
    /etc/dnsmasq.d/hosts.conf
check 'routers: its own stays its own' \
    reads beta /etc/dnsmasq.d/local.conf 'I am beta'
for host in alpha beta; do
	sort "$(node_dir $host)/run/called" >"$OUT/called"
	check "routers: reloaded on $host" [ "$(cat "$OUT/called")" = \
	    'nft -f /etc/nftables.conf
service dnsmasq restart' ]
done
stop beta
write alpha /etc/nftables.conf better
run on alpha ucsync sync -q
serve beta
check 'routers: one that was down' on alpha ucsync sync -q
check 'routers: catches up' reads beta /etc/nftables.conf better

#### nginx
recipe 'An nginx cluster'
put 1 $HOSTS
key key $HOSTS
for host in $HOSTS; do
	rm -rf "$(node_dir $host)/etc/nginx"
	mkdir "$(node_dir $host)/etc/nginx"
done
serve_all
write alpha /etc/nginx/nginx.conf good
write alpha /etc/nginx/.nginx.conf.swp editor
check 'nginx: a good config' on alpha ucsync sync -q
for host in $HOSTS; do
	check "nginx: is loaded on $host" reads $host /run/nginx.loaded good
done
check 'nginx: an editor leaves nothing' \
    [ ! -e "$(node_dir beta)/etc/nginx/.nginx.conf.swp" ]
write beta /etc/nginx/nginx.conf mistake
run on beta ucsync sync -q
check 'nginx: a mistake: the run says so' grep -q \
    'action of group nginx ended with 1 .*: nginx -t && nginx -s reload' \
    "$OUT/out"
check 'nginx: a mistake: exit 1' [ "$rc" -eq 1 ]
for host in $HOSTS; do
	check "nginx: a mistake is not loaded on $host" \
	    reads $host /run/nginx.loaded good
	check "nginx: but is on $host" reads $host /etc/nginx/nginx.conf mistake
done
run on beta ucsync status
check 'nginx: a mistake: status says so' \
    grep -q 'ended with 1 .*: nginx -t' "$OUT/out"
check 'nginx: a mistake: and who has it' grep -q 'nginx.conf:mistake' \
    "$(node_dir beta)/var/log/nginx-sync.log"
write beta /etc/nginx/nginx.conf mended
check 'nginx: mended' on beta ucsync sync -q
check 'nginx: is loaded' reads gamma /run/nginx.loaded 'good
mended'
check 'nginx: all is well' on beta ucsync status

#### Authorized keys
recipe 'Authorized keys'
put 1 alpha
check 'logins: the commands' type 2
serve_all
write alpha /root/.ssh/authorized_keys 'ssh-ed25519 AAAA admin'
chmod 600 "$(node_dir alpha)/root/.ssh/authorized_keys"
check 'logins: alpha' on alpha ucsync sync -q
check 'logins: everywhere' alike /root/.ssh/authorized_keys
check 'logins: nobody else can look' \
    [ "$(stat -c %a "$(node_dir beta)/root/.ssh")" = 700 ]
write beta /root/.ssh/authorized_keys 'ssh-ed25519 AAAA thief'
run on beta ucsync sync -q
run on alpha ucsync sync -q
check 'logins: who only receives lets nobody in' \
    reads gamma /root/.ssh/authorized_keys 'ssh-ed25519 AAAA admin'
run on beta ucsync sync -q -P gamma -N alpha
check 'logins: nor as alpha' grep -q 'is the key of beta alone' "$OUT/out"

#### A conflict
recipe 'A conflict'
web
serve_all
write alpha /srv/www/index.html alpha
write gamma /srv/www/index.html gamma
for host in alpha gamma alpha; do
	run on $host ucsync sync -q
done
run on alpha ucsync status
check 'conflict: status' grep -q "on the host that is right: .*index.html" \
    "$OUT/out"
check 'conflict: the commands' type 1
check 'conflict: settled' reads gamma /srv/www/index.html alpha
check 'conflict: alike' alike /srv/www
check 'conflict: all is well' on alpha ucsync status

#### A dead node
recipe 'A dead node'
web
serve_all
write alpha /srv/www/index.html hello
write beta /srv/www/two two
check 'dead node: before' all_sync
stop beta
rm -r "$(node_dir beta)/$SYSTEM" "$(node_dir beta)"/srv/* \
    "$(node_dir beta)"/var/lib/ucsync
check 'dead node: on alpha' type 1
check 'dead node: on beta' type 2
check 'dead node: it has all' alike /srv/www
check 'dead node: and all is there' reads beta /srv/www/two two
serve beta
check 'dead node: nothing is amiss' all_sync
stop beta
check 'dead node: no successor' type 3
write gamma /srv/www/two three
check 'dead node: nobody waits for it' on gamma ucsync sync
check 'dead node: the two go on' same_tree alpha gamma /srv/www
gives 'dead node: nothing is kept for it' 2 '' on gamma ucsync pending

#### A new key
recipe 'A new key'
web
serve_all
write alpha /srv/www/index.html hello
check 'new key: before' all_sync
mv "$OUT/ssh" "$OUT/ssh.plain"
cat >"$OUT/after" <<END
date +%N >$(node_dir gamma)/srv/www/turn
for host in gamma alpha beta; do
	nsenter -t \$(cat $OUT/\$host.pid) -m -n -u -- ucsync sync -q
done >>$OUT/turns 2>&1
cmp $(node_dir gamma)/srv/www/turn $(node_dir beta)/srv/www/turn \
    >>$OUT/turns 2>&1
echo turn >>$OUT/turns
END
stand_in ssh $HOSTS <<'END'
"$OUT/ssh.plain" "$@" && sh "$OUT/after"
END
check 'new key: the commands' type 1
check 'new key: every run went well' \
    [ "$(sort "$OUT/turns" | uniq -c | tr -s ' ')" = ' 9 turn' ]
for host in $HOSTS; do
	check "new key: alone on $host" [ "$(grep -ow 'key .*;' \
	    "$(node_dir $host)/$SYSTEM/ucsync.cfg")" = 'key new;' ]
	rm "$(node_dir $host)/$SYSTEM/key"
done
check 'new key: the old one is not needed' all_sync

#### In csync2's place
recipe "In csync2's place"
sed -i 's|/usr/sbin/csync2|/usr/local/sbin/csync2|' "$OUT"/block.*
for host in $HOSTS; do
	mkdir -p "$(node_dir $host)/var/lib/csync2" "$(node_dir $host)/srv/www"
	cat >"$(node_dir $host)/etc/csync2.cfg" <<-'END'
	nossl * *;
	group web {
		host alpha beta gamma;
		key /etc/csync2.key;
		include /srv/www;
	}
	END
done
"$UCSYNC" -k "$OUT/csync2.key"
for host in $HOSTS; do
	cp -p "$OUT/csync2.key" "$(node_dir $host)/etc"
	rm "$(node_dir $host)/usr/local/sbin/csync2"
	write $host /srv/www/index.html hello
	touch -d @1100000000 "$(node_dir $host)/srv/www/index.html"
done

# Whether theirs works here: what it has no hints of ends with 2.
run on alpha /usr/sbin/csync2 -H
[ "$rc" -eq 2 ] || skip "csync2's place: with csync2" 'no csync2'
theirs=$rc
for host in $HOSTS; do
	if [ "$theirs" -eq 2 ]; then
		cp /usr/sbin/csync2 "$(node_dir $host)/usr/local/sbin"
		setpriv --pdeathsig KILL nsenter -t "$(pid_of $host)" -m -n -u \
		    -- csync2 -ii >"$OUT/theirs" 2>&1 </dev/null &
		remember theirs_$host $!
		await 'their server' listens $host 30865
	else
		printf '#!/bin/sh\n' >"$(node_dir $host)/usr/local/sbin/csync2"
		chmod +x "$(node_dir $host)/usr/local/sbin/csync2"
	fi
done
for host in $HOSTS; do
	[ "$theirs" -ne 2 ] || check "csync2's place: csync2 on $host" \
	    on $host csync2 -x
done
write gamma /srv/www/index.html edit
touch -d @1200000000 "$(node_dir gamma)/srv/www/index.html"
trees=$(for each in $HOSTS; do listing "$(node_dir $each)/srv"; done)
check "csync2's place: beside it" type 1
for host in $HOSTS; do
	# shellcheck disable=SC2046 # words
	background beside $host $(sed -n '2s/^ucsync //p' "$OUT/block.2")
	await 'ucsync beside csync2' listens $host 30866
done
check "csync2's place: compared" type 3
check "csync2's place: what differs" [ "$(cat "$OUT/out")" = \
    "$(printf 'X\talpha\tgamma\t/srv/www/index.html')" ]
check "csync2's place: nothing is changed so far" [ "$trees" = \
    "$(for each in $HOSTS; do listing "$(node_dir $each)/srv"; done)" ]
for host in $HOSTS; do
	kill "$(pid_of beside_$host)"
done

check "csync2's place: its last run" type 4
if [ "$theirs" -eq 2 ]; then
	check "csync2's place: all are alike" alike /srv/www
	for host in $HOSTS; do
		kill "$(pid_of theirs_$host)"
	done
fi
check "csync2's place: stopped" type 5
write beta /srv/www/index.html differs
check "csync2's place: put there" type 6
for host in $HOSTS; do
	NODES_AS=csync2 background ours $host -ii
	await 'the new server' listens $host 30865
	gives "csync2's place: nothing is marked on $host" 2 '' \
	    on $host csync2 -M
done
check "csync2's place: what differs still" type 7
check "csync2's place: is listed" grep -qx \
    "$(printf 'X\talpha\tbeta\t/srv/www/index.html')" "$OUT/out"
check "csync2's place: settled" on alpha csync2 -f /srv/www/index.html
check "csync2's place: the first run" on alpha csync2 -xq
gives "csync2's place: nothing differs" 2 '' on alpha csync2 -T
check "csync2's place: all is alike" alike /srv/www
