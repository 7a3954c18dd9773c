#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What bash completes, and where `make install` puts what it needs for that.

TOPIC=78-completion
command -v bash >/dev/null || {
	echo "skip $TOPIC: needs bash"
	exit 0
}
mkdir etc bin
ln -s "$UCSYNC" bin/ucsync
cat >etc/ucsync.cfg <<'CONFIG'
group web { host alpha (beta) gamma@10.0.0.3; key k; include /srv; }
# group nobody { host nobody; }
group
mail { host delta; key k; include /mail; }
CONFIG
echo 'group { host epsilon; }' >etc/ucsync_other.cfg
UCSYNC_SYSTEM_DIR=$PWD/etc
PATH=$PWD/bin:$PATH
export UCSYNC_SYSTEM_DIR PATH

# completes WANT WORD...: the last word becomes one of these.
completes() {
	want=$1
	shift
	# shellcheck disable=SC2016 # for bash
	got=$(bash --norc -c '. "$0"
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_ucsync
	echo "${COMPREPLY[*]}"' "$TOP/src/ucsync.bash" "$@" 2>&1)
	if [ "$got" = "$want" ]; then
		echo "ok $TOPIC: $*"
	else
		echo "FAIL $TOPIC: $*: '$got', not '$want'"
	fi
}

words=$("$UCSYNC" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' | sort -u)
# shellcheck disable=SC2086 # one line
completes "$(echo $words)" ucsync ''
completes 'push' ucsync pu
completes '' ucsync nothing
completes '--help' ucsync --h
completes '--version' ucsync sync --v
completes '-ii -iii' ucsync -ii
completes '-T -TI -TT' ucsync -T
completes '' ucsync sync /
completes 'mail web' ucsync sync -G ''
completes 'web,mail' ucsync -xG web,m
completes 'alpha beta delta epsilon gamma' ucsync -P ''
completes 'alpha,beta' ucsync sync -P alpha,b
completes 'gamma' ucsync -xvN g
completes 'other' ucsync -C ''
completes '' ucsync -D ''
completes '--for' ucsync keygen --f
completes '--for' ucsync keygen ''
completes 'delta' ucsync keygen --for d

# As a person does it, with what `make install` put there.
make -s -C "$TOP" -o "$UCSYNC" install DESTDIR="$PWD/root" PREFIX=/usr \
    BIN="$UCSYNC" >out 2>&1 || cat out
file=root/usr/share/bash-completion/completions/ucsync
if cmp -s "$file" "$TOP/src/ucsync.bash" && bash --norc -c \
    ". $file; complete -p ucsync" | grep -q -- '-o default -F _ucsync'; then
	echo "ok $TOPIC: make install"
else
	echo "FAIL $TOPIC: make install: not there, or not taken"
fi
