#!/bin/sh
# SPDX-License-Identifier: ISC
# limit: 1200
#
# A push in which system calls fail, once or from then on: a full disk or
# quota, a broken one, one that turned read-only, no descriptors left; at the
# check, at the client, at the server, and at a client that takes.  What stands
# there is old or new; exit 0 means that all is done, anything else says why,
# no line twice; and after one clean -x on each side all is well.  Each call
# gets one of the errors, once or from then on, which one depends on SEED, but
# of those that read only every third or seventh, and every third of all where b
# pulls; with LONG=1 each does, and every sixth gets all ten.

. "$TOP/tests/strike.sh"

: "${LONG:=}" "${SEED:=1}"
strike_up

CALLS="$CHANGING open openat read pread64 getdents64 newfstatat"
ERRORS='ENOSPC EIO EDQUOT EROFS EMFILE'

# one_of TURN: an error and a form.
one_of() {
	set -- "$1" $ERRORS
	form=$(($1 / 5 % 2))
	shift $(($1 % 5 + 1))
	echo "$1 $form"
}

# honest CALL: the exit status and what was said agree with what was done.  An
# action in which that call failed has run, too.
honest() {
	! grep -q 'action of group' "$client" || cp "$OUT/act" "$live/acted"
	if [ "$rc" -eq 0 ]; then
		case $side in
		check) ;;
		*) alike b ;;
		esac
		return
	fi
	[ "$rc" -eq 1 ] || {
		echo "exit $rc"
		return 1
	}
	# where no word can be written, none is
	[ -s "$client" ] || case $1 in
	write) return 0 ;;
	esac
	[ -s "$client" ] || {
		echo "exit $rc without a word"
		return 1
	}
	sort "$client" | uniq -d | grep . >twice || return 0
	echo "said twice: $(cat twice)"
	return 1
}

# hit CALL N ERROR FORM
hit() {
	points=$((points + 1))
	plus=
	[ "$4" -eq 0 ] || plus=+
	strike "$side" "$1:error=$3:when=$2$plus"
	if honest "$1" >why 2>&1 && whole >why 2>&1; then
		code=$rc
		! heal >why 2>&1 || return 0
		rc=$code
	fi
	wrong=$((wrong + 1))
	fail "$side, $3 at $1 $2$plus" "$(head -n 1 why)"
	echo "exit $rc:"
	cat why "$client" "$server"
}

# every: of the calls $call of $side this one in how many is hit.
every() {
	case ${LONG:+all}-$side-$call in
	all-*) echo 1 ;;
	*-read|*-pread64) echo 7 ;;
	*-puller-*|*-open*|*-newfstatat|*-getdents64) echo 3 ;;
	*) echo 1 ;;
	esac
}

all() {
	side=$1 points=0 wrong=0 turn=$SEED
	strike "$1" ''
	calls >counts
	while read -r call most; do
		by=$(every)
		n=1
		while [ "$n" -le "$most" ] && [ "$wrong" -lt 3 ]; do
			turn=$((turn + 1))
			if [ -n "$LONG" ] && [ $((turn % 6)) -eq 0 ]; then
				for error in $ERRORS; do
					hit "$call" "$n" "$error" 0
					hit "$call" "$n" "$error" 1
				done
			else
				hit "$call" "$n" $(one_of $turn)
			fi
			n=$((n + by))
		done
	done <counts
	echo "# $1: $points errors"
	[ "$wrong" -gt 0 ] || ok "$1: errors are told, and heal"
}

echo "# SEED=$SEED"
TRACED=$(traced "$CALLS")
for side in check client server puller; do
	all $side
done
