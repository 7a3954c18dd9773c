#!/bin/sh
# SPDX-License-Identifier: ISC
#
# How README says it is started: systemd takes the units; a connection through
# the socket unit, xinetd and inetd brings files; and the agent's unit starts,
# reloads and ends it.

. "$TOP/tests/nodes.sh"

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
nodes_up alpha beta
[ "$MODE" = namespaces ] || {
	skip 'what starts it' 'needs a root directory for each host'
	exit
}
beta=$(node_dir beta)

# The files of the section, on beta.
mkdir -p "$beta/etc/systemd/system" "$beta/etc/xinetd.d"
rm -f "$beta/etc/inetd.conf"
awk -v root="$beta" '
/^Starting it$/ { on = 1 }
/^Recipes$/ { exit }
on && /^    / {
	if (last == "" && $1 == "#")
		file = $2 ~ "^/" ? root $2 : ""
	sub(/^    /, "")
	if (file)
		print >file
}
on && /^$/ && file {
	print >file
}
{ last = $0 }' "$TOP/README"
# Where there is no procps, for it is only looked for.
command -v /bin/kill >/dev/null ||
    ln -s /bin/true "$beta/usr/local/sbin/kill"
units='ucsync.service ucsync.socket ucsync@.service'
for unit in $units; do
	check "$unit: in README" [ -s "$beta/etc/systemd/system/$unit" ]
done

# unit NAME KEY: its value.
unit() {
	sed -n "s/^$2=-\{0,1\}//p" "$beta/etc/systemd/system/$1"
}

if command -v systemd-analyze >/dev/null; then
	for unit in ucsync.service ucsync.socket ucsync@socket.service; do
		gives "$unit: systemd-analyze verify" 0 '' on beta \
		    env SYSTEMD_LOG_LEVEL=warning systemd-analyze verify \
		    --man=no "/etc/systemd/system/$unit"
	done
else
	skip 'systemd-analyze verify' 'no systemd'
fi

config alpha beta <<'END'
group g { host alpha beta; key key; include /srv/t; }
END
key key alpha beta
mkdir "$(node_dir alpha)/srv/t" "$beta/srv/t"

# begin CMD...: goes on on beta; end: ends it.
begin() {
	setpriv --pdeathsig KILL nsenter -t "$(pid_of beta)" -m -n -u -- "$@" \
	    >"$OUT/begun" 2>&1 </dev/null &
	remember begun $!
	await "$1" listens beta 30865 || cat "$OUT/begun"
}

end() {
	kill "$(pid_of begun)"
	wait "$(pid_of begun)" 2>/dev/null
}

# brings NAME: files go to beta by what listens there, and are compared.
brings() {
	echo "$1" >"$(node_dir alpha)/srv/t/file"
	for i in 1 2 3; do
		date +%N >"$(node_dir alpha)/srv/t/$i"
	done
	gives "$1: silent" 0 '' on alpha ucsync sync -q
	check "$1: alike" same_tree alpha beta /srv/t
	check "$1: compared" [ "$(ucs alpha compare 2>&1; echo $?)" = 2 ]
}

if command -v systemd-socket-activate >/dev/null; then
	check 'the socket is accepted by systemd' \
	    [ "$(unit ucsync.socket Accept)" = yes ]
	check 'and is the standard input' \
	    [ "$(unit ucsync@.service StandardInput)" = socket ]
	# shellcheck disable=SC2046 # words
	begin systemd-socket-activate --accept --inetd \
	    -l "$(unit ucsync.socket ListenStream)" \
	    $(unit ucsync@.service ExecStart)
	brings 'the socket unit'
	end
else
	skip 'the socket unit' 'no systemd-socket-activate'
fi

if command -v xinetd >/dev/null; then
	begin xinetd -dontfork -f /etc/xinetd.d/ucsync -pidfile /run/xinetd
	brings xinetd
	end
else
	skip 'xinetd' 'not installed'
fi

if command -v inetd >/dev/null; then
	begin inetd -i /etc/inetd.conf
	brings inetd
	end
else
	skip 'inetd' 'not installed'
fi

# The agent's unit, as systemd would: its words, and $MAINPID.
# shellcheck disable=SC2046 # words
begin $(unit ucsync.service ExecStart)
brings 'the agent'
MAINPID=$(pid_of begun)
export MAINPID
echo 'group broken {' >>"$beta/$SYSTEM/ucsync.cfg"
check 'the agent: reload' sh -c "$(unit ucsync.service ExecReload)"
check 'the agent: reads the config again' await 'the word' \
    grep -q 'the config that was read before stays' "$OUT/begun"
check 'the agent: stop' end
