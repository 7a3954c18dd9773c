#!/bin/sh
# SPDX-License-Identifier: ISC
#
# openwrt/: its scripts under BusyBox's ash in a root of their own, with
# tests/openwrt in place of OpenWrt's functions; what they make of a UCI file is
# parsed by the real binary, and values that would break out are refused.

. "$TOP/tests/nodes.sh"

OUT=$PWD
files=$TOP/openwrt/files
if command -v shellcheck >/dev/null; then
	# shellcheck disable=SC2046 # words
	check 'shellcheck' shellcheck -s dash "$files/ucsync.init" \
	    "$files/ucsync.defaults" "$files/ucsync.hotplug" \
	    "$TOP/openwrt/test.sh"
else
	skip 'shellcheck' 'not installed'
fi
missing=
for file in $(sed -n 's/.*\$(INSTALL_[A-Z]*) \.\/\([^ ]*\) .*/\1/p' \
    "$TOP/openwrt/Makefile"); do
	[ -f "$TOP/openwrt/$file" ] || missing="$missing $file"
done
[ -z "$missing" ] && ok 'the Makefile installs what there is' ||
    fail 'the Makefile installs what there is' "$missing"
check 'every file is installed' test "$(ls "$files" | wc -l)" -eq \
    "$(grep -c 'INSTALL_.*\./files/' "$TOP/openwrt/Makefile")"

# What OpenWrt's makefiles do with ours, the libraries being none; to compile
# them takes LONG.
version=$("$UCSYNC" --version)
version=${version#ucsync }
mkdir -p sdk/include sdk/build sdk/dl sdk/bearssl-0.6 sdk/libtomcrypt-1.18.2
cp "$TOP/tests/openwrt/rules.mk" sdk
: >sdk/include/package.mk
[ -z "${LONG:-}" ] || for library in bearssl-0.6 libtomcrypt-1.18.2; do
	cp -r "$TOP/deps/src/${library%%-*}/." "sdk/$library"
done
tar -C sdk -czf sdk/dl/bearssl-0.6.tar.gz bearssl-0.6
tar -C sdk -cJf sdk/dl/crypt-1.18.2.tar.xz libtomcrypt-1.18.2
built=$OUT/sdk/build/ucsync-$version

# sdk ARG...: a make in the package's directory, as OpenWrt's.
sdk() {
	env -u MAKEFLAGS -u MAKEOVERRIDES -u CC make -s -C "$TOP/openwrt" \
	    TOPDIR="$OUT/sdk" "$@"
}

gives 'the package: of the checkout' 0 "version $version
source  " sdk says
check 'the package: its source' sdk prepare
check 'the package: all of it' cmp "$built/src/main.c" "$TOP/src/main.c"
check 'the package: and the libraries' test -d "$built/libtomcrypt-1.18.2"
check 'the package: what is built of it' sdk compile MAKE='make -n' \
    TARGET_CC=cc
if [ -n "${LONG:-}" ]; then
	deps=$TOP/deps/musl
	check 'the package: builds' sdk compile TARGET_CC="$deps/cc" \
	    TARGET_AR=ar TARGET_CFLAGS=-Os TARGET_CPPFLAGS="-I$deps/include" \
	    TARGET_LDFLAGS="-static -L$deps"
	check 'the package: runs' "$built/ucsync" --version
else
	cp "$UCSYNC" "$built/ucsync"
fi
check 'the package: is installed' sdk install
check 'the package: its files' test -x sdk/root/etc/init.d/ucsync
check 'the package: the program' test -x sdk/root/usr/sbin/ucsync
rm -r "$built"
check 'a release: its source' "$TOP/src/libs/source" "$version" sdk/dl
from=PKG_SOURCE_URL=https://example.org/
gives 'a release: the package is of it' 0 "version $version
source https://example.org/ ucsync-$version.tar.xz" sdk says $from
check 'a release: unpacked' sdk prepare $from
check 'a release: all of it' cmp "$built/src/main.c" "$TOP/src/main.c"
cp sdk/dl/ucsync-*.xz first.xz
(umask 077 && "$TOP/src/libs/source" "$version" sdk/dl)
check 'a release: twice the same' cmp first.xz sdk/dl/ucsync-*.xz

root=$OUT/root
mkdir -p root/bin root/dev root/etc/config root/etc/init.d root/etc/ucsync \
    root/lib root/tmp root/usr/sbin root/var/log root/srv
busybox=$(command -v busybox)
why=
case $BUILD in
*/musl) ;;
*) why='only for the static binary' ;;
esac
[ "$(id -u)" -eq 0 ] || why='needs root'
[ -n "$busybox" ] && cp "$busybox" root/bin/busybox &&
    chroot root /bin/busybox true || why='no static busybox (busybox-static)'
mknod -m 666 root/dev/null c 1 3 || why='no device nodes'
[ -z "$why" ] || {
	skip "OpenWrt's scripts" "$why"
	exit
}
for applet in sh ash awk basename cat cmp echo grep ln logger ls mkdir mv \
    printf readlink rm sed sleep; do
	ln -s busybox "root/bin/$applet"
done
cp "$UCSYNC" root/usr/sbin/ucsync
cp "$TOP/tests/openwrt/functions.sh" root/lib
cp "$TOP/tests/openwrt/rc.common" root/etc
chmod +x root/etc/rc.common
cp "$files/ucsync.init" root/etc/init.d/ucsync
chmod +x root/etc/init.d/ucsync
ln -s /var/etc/ucsync.cfg root/etc/ucsync/ucsync.cfg

# router CMD...: PATH is a router's.
router() {
	PATH=/usr/sbin:/usr/bin:/sbin:/bin timeout -k 5 20 \
	    "$(command -v chroot)" "$root" "$@"
}

uci() {
	cat >root/etc/config/ucsync
}

start() {
	router /etc/init.d/ucsync start
}

made() {
	sed 1d root/var/etc/ucsync.cfg
}

# refused NAME NAMED: a start fails, tells of NAMED, starts nothing and leaves
# the config that there was.
refused() {
	run start
	if [ "$rc" -ne 0 ] && grep -qF -- "$2" out && [ ! -s root/tmp/procd ] &&
	    [ "$(made)" = "$good" ]; then
		ok "refused: $1"
	else
		fail "refused: $1" "exit $rc, $(cat out root/tmp/procd)"
	fi
}

# with LINE: the good file with one line more in its group.
with() {
	LINE=$1 awk '{ print }
	    /^config group/ { print "\t" ENVIRON["LINE"] }' good \
	    >root/etc/config/ucsync
}

cp "$files/ucsync.defaults" root/tmp
check 'the first start makes a key' router /bin/sh /tmp/ucsync.defaults
cp root/etc/ucsync/key key
check 'only the first' router /bin/sh /tmp/ucsync.defaults
check 'the key stays' cmp key root/etc/ucsync/key
check 'a key is for root only' test "$(stat -c %a root/etc/ucsync/key)" = 600

cp "$files/ucsync.config" root/etc/config/ucsync
check 'the file of the package' start
gives 'starts nothing' 0 'trigger ucsync' cat root/tmp/procd
gives 'a disabled one does not sync' 0 '' router /etc/init.d/ucsync sync

uci <<'END'
config ucsync 'global'
	option enabled '1'
	option node 'r1'
	option port '4711'
	option log '2'
	option lock_timeout '7'
	option delete_guard 'off'
	option compress "no"
	list ignore 'mod'
	list ignore uid
	list sync_on_ifup 'lan'

config prefix 'conf'
	list on 'r[1]:/etc/config'
	list on 'r*:/etc/con fig'

config group 'main'
	list host 'r1@127.0.0.1'
	list host 'r2@10.0.0.2'
	list slave 'r3'
	list include '%conf%'
	list include '/srv/with blank; { } # and $(touch /tmp/x) `touch /tmp/x`'
	list include '/srv/it'\''s'
	list exclude '*.bak'
	list compare '/srv/look'
	option auto 'younger'
	option backup_directory '/srv/backup'
	option backup_generations '5'

config action
	option group 'main'
	list pattern '%conf%/*'
	list exec 'echo $HOME; reload_config && cat %%'
	option logfile '/var/log/x'
	option timeout '20'
	option do 'local'

config group 'other'
	list host 'r1'
	list host 'r2'
	option key '/etc/ucsync/other.key'
	list include '/srv/a'
END
sed -i "s/'\\\\''//" root/etc/config/ucsync
cat >want <<'END'
database "/etc/ucsync/state";
lock-timeout 7;
delete-guard off;
compress no;
ignore mod;
ignore uid;
prefix conf {
	on r[1]: "/etc/config";
	on r*: "/etc/con fig";
}
group main {
	host r1@127.0.0.1;
	host r2@10.0.0.2;
	host (r3);
	key "/etc/ucsync/key";
	include "%conf%";
	include "/srv/with blank; { } # and $(touch /tmp/x) `touch /tmp/x`";
	include "/srv/its";
	exclude "*.bak";
	compare "/srv/look";
	auto younger;
	backup-directory "/srv/backup";
	backup-generations 5;
	action {
	pattern "%conf%/*";
	exec "echo $HOME; reload_config && cat %%";
	logfile "/var/log/x";
	timeout 20;
	do-local;
	}
}
group other {
	host r1;
	host r2;
	key "/etc/ucsync/other.key";
	include "/srv/a";
}
END
check 'a file with everything' start
good=$(made)
[ "$good" = "$(cat want)" ] && ok 'is translated' || {
	fail 'is translated' 'otherwise (>)'
	made | diff want -
}
check 'nothing in it is run' test ! -e root/tmp/x
gives 'procd is told' 0 "open
command /usr/sbin/ucsync serve -p 4711 -N r1 -vv
respawn
stdout 1
stderr 1
term_timeout 15
file /var/etc/ucsync.cfg
close
trigger ucsync" cat root/tmp/procd
cp root/etc/config/ucsync plain
sed -i "/option enabled/a\	option agent '1'" root/etc/config/ucsync
check 'the agent' start
check 'the agent: procd is told' grep -qx \
    'command /usr/sbin/ucsync agent -p 4711 -N r1 -vv' root/tmp/procd
cp plain root/etc/config/ucsync
check 'the server again' start
check 'the config is for root only' \
    test "$(stat -c %a root/var/etc/ucsync.cfg)" = 600
check 'the binary takes it' router ucsync -N r1 -or /
touch -d @1 root/var/etc/ucsync.cfg
check 'started again' start
check 'an equal file is left alone' \
    test "$(stat -c %Y root/var/etc/ucsync.cfg)" = 1
touch root/srv/a
cp -p root/etc/ucsync/key root/etc/ucsync/other.key
check 'the hint of a change' router /etc/init.d/ucsync check
check 'is in the state of the router' \
    test -s root/etc/ucsync/state/r1.db
gives 'and is listed by hand' 0 \
    "$(printf 'chary\tr1\tr2\t/srv/a')" router ucsync -N r1 -M -G other

grep -v other <<END >good
$(sed '/other/,$d' root/etc/config/ucsync)
END
cp good root/etc/config/ucsync
check 'without one of its groups' start
good=$(made)
while IFS='|' read -r what line; do
	with "$(printf '%b' "$line")"
	named=${line#* }
	refused "$what" "main.${named%% *}: "
done <<'END'
a quote|list include '/a"; key "/etc/shadow'
a line end|list include '/a\n}'
a tab|list include '/a\t'
a host of two|list host 'a; b'
a host like an option|list host '-x'
a brace|list host 'a)'
two addresses|list host 'a@b@c'
an empty address|list slave 'a@'
END
# in_place NAME NAMED SED: another value in the good file.
in_place() {
	sed "$3" good >root/etc/config/ucsync
	! cmp -s good root/etc/config/ucsync || fail "$1" 'not changed'
	refused "$1" "$2"
}
in_place 'the port' global.port "s/'4711'/'47;11'/"
in_place 'the node' global.node "s/node 'r1'/node 'r1 -x'/"
in_place 'the log' global.log "s/log '2'/log '22'/"
in_place 'ignore' 'ignore: ' "s/'mod'/'all'/"
in_place 'a glob' conf.on "s/'r\[1\]:/'r;:/"
in_place 'a relative path of a prefix' conf.on "s|:/etc/config|:etc|"
in_place 'what an action does' .do "s/'local'/'remote'/"
in_place 'a limit' .timeout "s/'20'/'1m'/"
in_place 'a word' main.auto "s/'younger'/'none; include x'/"
in_place 'a number' main.backup_generations "s/'5'/'3;'/"
in_place 'a directory' main.backup_directory "s|/srv/backup|/srv/a\"b|"
in_place 'an action for no group' .group "s/group 'main'/group 'mane'/
    s/config group 'mane'/config group 'main'/"
in_place 'a command' .exec "s/%%'/\"%%'/"
in_place 'the state' global.state_dir \
    "s|option port '4711'|option state_dir 'x'|"
in_place 'a file that is not there' /etc/none.cfg \
    "s|option port '4711'|option config_file '/etc/none.cfg'|"

sed "s|option port '4711'|option config_file '/etc/csync2.cfg'|" good \
    >root/etc/config/ucsync
cat >root/etc/csync2.cfg <<'END'
group mine { host r1 r2; key /etc/ucsync/key; include /srv; }
END
check 'config_file' start
check 'is what is used' cmp root/etc/csync2.cfg <<END
$(router cat /var/etc/ucsync.cfg)
END
gives 'by the binary, too' 0 '/srv
/srv/a' router ucsync -N r1 -or /
cp good root/etc/config/ucsync
check 'and back' start
check 'to a file' test ! -L root/var/etc/ucsync.cfg
check 'that is the one before' test "$(made)" = "$good"
grep -q '^group mine' root/etc/csync2.cfg ||
    fail 'the config_file' 'was written'

cp "$TOP/openwrt/ha-pair.config" root/etc/config/ucsync
mkdir -p root/etc/dnsmasq.d root/etc/config
touch root/etc/ethers root/etc/config/network root/etc/config/system \
    root/etc/config/dhcp
check 'the pair of routers' start
gives 'shares this' 0 '/etc/config
/etc/config/dhcp
/etc/dnsmasq.d
/etc/ethers' router ucsync -N r1 -or /

# The hook: a fake in place of the init script tells what it is called for.
cp "$files/ucsync.hotplug" root/etc/hook
mv root/etc/init.d/ucsync init
cat >root/etc/init.d/ucsync <<'END'
#!/bin/sh
[ "$1" != enabled ] || exit "$(cat /tmp/enabled)"
echo "$1" >>/tmp/called
END
chmod +x root/etc/init.d/ucsync
# hook ACTION INTERFACE ENABLED WANT
hook() {
	echo "$3" >root/tmp/enabled
	: >root/tmp/called
	run router /bin/sh -c "ACTION=$1 INTERFACE=$2; . /etc/hook; wait"
	[ "$(cat root/tmp/called)" = "$4" ] && ok "hotplug $1 $2 $3" ||
	    fail "hotplug $1 $2 $3" "$(cat out root/tmp/called)"
}
hook ifup lan 0 sync
hook ifup wan 0 ''
hook ifdown lan 0 ''
hook ifup lan 1 ''

cp "$TOP/openwrt/test.sh" root/test.sh
check 'test.sh' router /bin/sh /test.sh ucsync "$version"
