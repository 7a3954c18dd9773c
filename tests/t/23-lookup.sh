#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A name whose lookup gets no answer costs its peer the time for connecting, and
# the others nothing.

. "$TOP/tests/nodes.sh"

nodes_up a b
[ "$MODE" = namespaces ] || {
	skip "a lookup without an answer" "needs a resolv.conf of its own"
	exit 0
}
key key a b
config a b <<END
connect-timeout 2;
group f { host @a@ nobody.test; key key; include @/srv/t; }
group g { host @a@ @b@; key key; include @/srv/t; }
END
for node in a b; do
	mkdir "$(node_dir $node)/srv/t"
done
serve b || exit 1
# nobody has that address, and the resolver has patience
resolv=$(node_dir a)/etc/resolv.conf
rm -f "$resolv"
{
	echo "nameserver 10.30.0.99"
	echo "options timeout:10 attempts:5"
} >"$resolv"
[ ! -e "$(node_dir a)/etc/nsswitch.conf" ] ||
    echo 'hosts: files dns' >"$(node_dir a)/etc/nsswitch.conf"

timed() {
	start=$(date +%s%N)
	run ucs a "$@"
	took=$((($(date +%s%N) - start) / 1000000))
}

echo one >"$(node_dir a)/srv/t/one"
timed -x -j 1
check "exit 1" [ "$rc" -eq 1 ]
check "the lookup took the time to connect: $took ms" \
    [ "$took" -ge 1900 -a "$took" -lt 4000 ]
check "it is told" grep -q \
    '^nobody.test: cannot find the address of nobody.test: .*timed out' \
    "$OUT/out"
check "once" [ "$(grep -c nobody "$OUT/out")" -eq 1 ]
check "the other one has it" same_tree a b /srv/t
echo two >"$(node_dir a)/srv/t/two"
timed -x -P b
check "the other one alone: $took ms" [ "$took" -lt 1500 ]
