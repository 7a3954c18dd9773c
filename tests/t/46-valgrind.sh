#!/bin/sh
# SPDX-License-Identifier: ISC
#
# No leak and no error in a check, a push, a served session that takes from both
# sides, a conflict, an action, a removal and a session that fails: under
# valgrind, whose word is its exit code.  Needs a dynamic binary; a static one
# is made again for glibc.

. "$TOP/tests/nodes.sh"

leave() {
	skip "no leak" "$1"
	exit 0
}

command -v valgrind >/dev/null || leave "needs valgrind"
case $BUILD in
*-san) leave "the sanitizers see it" ;;
*/glibc) ;;
*)
	MAKEFLAGS= make -C "$TOP" -j 4 TARGET=glibc OBJ="$PWD/obj" \
	    CFLAGS='-O1 -g' CC=cc >built 2>&1 || {
		tail -n 3 built
		leave "no build for glibc"
	}
	UCSYNC=$PWD/obj/ucsync
	;;
esac

nodes_up a b
key key a b
{
	echo 'group g { host @a@ @b@; key key; include @/srv/t; auto younger;'
	echo 'action { exec "true %%"; exec "exit 1"; do-local; } }'
} | config a b
# What ucs and serve start is valgrind with the program as its argument.
{
	echo '#!/bin/sh'
	# what a child's parent had is reachable when it ends
	kinds=definite,indirect,possible
	echo "exec valgrind -q --leak-check=full" \
	    "--errors-for-leak-kinds=$kinds" \
	    "--show-leak-kinds=$kinds --error-exitcode=99" \
	    "--log-file=$PWD/valgrind.%p '$UCSYNC' \"\$@\""
} >wrapped
chmod 755 wrapped
UCSYNC=$PWD/wrapped
for node in a b; do
	mkdir "$(node_dir $node)/srv/t"
	[ "$MODE" = loopback ] || {
		rm "$(node_dir $node)/usr/local/sbin/ucsync"
		cp wrapped "$(node_dir $node)/usr/local/sbin/ucsync"
	}
done
serve b || exit 1
a=$(node_dir a)/srv/t
b=$(node_dir b)/srv/t

# clean NAME: valgrind has nothing to say of all processes until now.
clean() {
	# it says of system calls that it does not know that it does not
	cat valgrind.* | grep -v '^--' >said
	if [ "$rc" -ne 99 ] && [ ! -s said ]; then
		ok "$1"
	else
		fail "$1" "exit $rc"
		cat "$OUT/out"
		head -n 40 said
		exit 0
	fi
}

mkdir "$a/dir"
i=0
while [ $i -lt 50 ]; do
	echo "$i" >"$a/dir/$i"
	i=$((i + 1))
done
ln -s target "$a/link"
head -c 300000 /dev/urandom >"$a/large"
run ucs a -cr /
clean "a check"
run ucs a -xv
same_tree a b /srv/t || fail "a push" "trees"
clean "a push"
echo edit >>"$a/large"
rm "$a/dir/1" "$b/dir/2"
echo a >"$a/dir/3"
echo bb >"$b/dir/3"
echo new >"$b/new"
run ucs b -cr /
clean "a check with removals"
run ucs a -x
clean "both directions, a delta, a conflict, actions"
same_tree a b /srv/t || fail "both directions" "trees"
run ucs a -M
clean "-M"
run ucs a -L
clean "-L"
echo again >"$a/new"
run ucs a -xd
clean "a dry run"
run ucs a -f "$(at a /srv/t/large)"
clean "-f"
mv "$(node_dir a)/etc/ucsync/key" kept
key key a
run ucs a -x
clean "a wrong key"
stop b
clean "a server"
run ucs a -x
clean "nobody there"
echo "# $(ls valgrind.* | wc -l) processes"
