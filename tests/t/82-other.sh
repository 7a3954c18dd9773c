#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Two hosts, small files and large, a change in the middle of one, a removal and
# an edit at both ends: short enough for a binary of another CPU (tests/cross),
# which gets it through qemu.

. "$TOP/tests/nodes.sh"

nodes_up a b
config a b <<'END'
group t { host @a@ @b@; key k; include @/srv/t; auto younger; }
END
key k a b
serve b
here=$(node_dir a)/srv/t
there=$(node_dir b)/srv/t
mkdir -p "$here/dir" "$there"
i=0
while [ "$i" -lt 50 ]; do
	i=$((i + 1))
	echo "content $i" >"$here/dir/$i"
done
awk 'BEGIN { for (i = 0; i < 200000; i++) print i * i % 65537 }' \
    >"$here/large"
ln -s large "$here/link"
touch -d '1969-12-31 23:59:58' "$here/dir/1"
touch -d '1902-03-01 00:00:00.123456789' "$here/dir/2"
check 'files arrive' ucs a -x
touch -d '2022-02-02' "$here/dir" "$there/dir"
check 'and are alike' same_tree a b /srv/t
{
	head -c 600000 "$here/large"
	echo 'a line in the middle'
	tail -c +600001 "$here/large"
} >new
cat new >"$here/large"
rm "$here/dir/3"
check 'a change and a removal' ucs a -xv
sent=$(sed -n 's/.*(\([0-9]*\) bytes sent.*/\1/p' "$OUT/check")
[ "${sent:-999999}" -lt 40000 ] && ok "as a delta: $sent bytes" ||
    fail 'as a delta' "$(cat "$OUT/check")"
check 'alike again' same_tree a b /srv/t/large
check 'gone there' test ! -e "$there/dir/3"
echo mine >"$here/dir/4"
touch -d '2020-01-01' "$here/dir/4"
echo theirs >"$there/dir/4"
check 'the other end looks' ucs b -cr /
check 'an edit at both ends' ucs a -x
check 'the younger wins' grep -qx theirs "$here/dir/4"
gives 'nothing is pending' 2 '' ucs a -M
gives 'nothing differs' 2 '' ucs a -T
