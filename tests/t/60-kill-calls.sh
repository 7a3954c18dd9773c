#!/bin/sh
# SPDX-License-Identifier: ISC
# limit: 600
#
# A push killed at every single system call that changes anything: the check
# that finds the changes, the client that sends them, the server that takes
# them, and a client that takes them.  After each kill what stands there is old
# or new; after one -x on each side all is well: exit 0, no conflict, equal
# trees, no temporary left, and for each name an action ran.

. "$TOP/tests/strike.sh"

strike_up

# all SIDE: a kill at each call.  How many writes there are depends on time, and
# on nothing else: their last ones may not come, a tenth of all at most.
all() {
	points=0 wrong=0 missed=0
	strike "$1" ''
	heal >why 2>&1 || {
		fail "$1" "not even without a kill: $(head -n 1 why)"
		cat why "$client" "$server"
		return
	}
	calls >counts
	while read -r call most; do
		n=0
		while [ "$n" -lt "$most" ] && [ "$wrong" -lt 3 ]; do
			n=$((n + 1))
			points=$((points + 1))
			strike "$1" "$call:signal=KILL:when=$n"
			hit=1
			struck || hit=0 missed=$((missed + 1))
			if [ $hit = 0 ] && [ "$call" != write ]; then
				echo "nothing was killed" >why
			elif whole >why 2>&1 && heal >why 2>&1; then
				continue
			fi
			wrong=$((wrong + 1))
			fail "$1 killed at $call $n" "$(head -n 1 why)"
			cat why "$client" "$server"
		done
	done <counts
	echo "# $1: killed at $((points - missed)) of $points calls"
	if [ $((missed * 10)) -gt "$points" ]; then
		wrong=$((wrong + 1))
		fail "$1" "at $missed of $points calls nothing was killed"
	fi
	[ "$wrong" -gt 0 ] || ok "$1 killed at its calls: old or new, healed"
}

for side in check client server puller; do
	all $side
done
