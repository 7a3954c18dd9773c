#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tests/run itself, on small trees with one test each: what it shows and counts,
# and that nothing of a test is left.

mkdir -p fake/tests/t
cp "$TOP/tests/run" fake/tests/run
echo 'echo "ok style: fine"' >fake/tests/style
TMPDIR=$PWD
export TMPDIR

# expect NAME COUNTS LINE: after the script on stdin the last line is COUNTS and
# LINE is there; the exit status fits.
expect() {
	cat >fake/tests/t/10-it.sh
	fake/tests/run >out 2>&1 </dev/null
	status=$?
	case $2 in
	*' 0 failed'*) want=0 ;;
	*) want=1 ;;
	esac
	if [ "$(tail -n 1 out)" = "$2" ] && grep -qx "$3" out &&
	    [ "$status" -eq "$want" ] && ! ls -d ucsync-test.* 2>/dev/null; then
		echo "ok 00-run: $1"
	else
		echo "FAIL 00-run: $1: $(tail -n 1 out), exit $status"
		cat out
	fi
}

expect 'counts what passed' '3 passed, 0 failed' 'ok 10: b' <<'END'
echo "ok 10: a"
echo "noise"
echo "ok 10: b"
END
expect 'counts what was skipped' '2 passed, 0 failed, 1 skipped' \
    'skip 10: b: no root' <<'END'
echo "ok 10: a"
printf "skip 10: b: no root"
END
expect 'shows what a failed test said' '1 passed, 1 failed' 'noise' <<'END'
echo noise
echo "FAIL 10: a: why"
exit 1
END
expect 'counts an exit without a reason' '2 passed, 1 failed' \
    'FAIL 10-it: exit 3' <<'END'
echo "ok 10: a"
exit 3
END
expect 'counts a signal' '2 passed, 1 failed' \
    'FAIL 10-it: died by signal 11' <<'END'
echo "ok 10: a"
kill -s SEGV $$
END
expect 'counts silence' '1 passed, 1 failed' 'FAIL 10-it: no result' <<'END'
echo nothing
END
expect 'ends what takes too long' '2 passed, 1 failed' \
    'FAIL 10-it: not done in 1 seconds, or killed' <<'END'
#!/bin/sh
# limit: 1
echo "ok 10: a"
sleep 60
END
expect 'waits for no daemon, and ends it' '2 passed, 0 failed' \
    'ok 10: a' <<END
echo "ok 10: a"
sleep 60 &
echo \$! >"$PWD/daemon"
END
# Dead is dead, even where nobody collects it.
if grep -s '^State:' "/proc/$(cat daemon)/status" | grep -qv Z; then
	echo "FAIL 00-run: the daemon lives"
else
	echo "ok 00-run: the daemon is gone"
fi
