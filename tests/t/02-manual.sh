#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The manual pages are well formed; ucsync(8) has the letters and words of
# --help; ucsync.cfg(5) has every word that the parser knows, and its examples
# are taken; ucsync-proto(5) says of messages, bits and limits what the headers
# say.

cd "$TOP" || exit 1
page=src/ucsync-proto.5

ok() {
	echo "ok 02-manual: $1"
}

fail() {
	echo "FAIL 02-manual: $1: $2"
}

for file in src/*.[1-9]; do
	if ! command -v mandoc >/dev/null; then
		echo "skip 02-manual: ${file#src/}: no mandoc"
	elif said=$(mandoc -Tlint -W warning "$file"); then
		ok "${file#src/} is well formed"
	else
		fail "${file#src/} is well formed" "$said"
	fi
done

# What --help shows, and what ucsync(8) has an item for.
help=$("$UCSYNC" --help)
for letter in $(echo "$help" | grep -v '^usage' |
    grep -oE '(^|[ ,])-[A-Za-z]+' | tr -d ' ,-' | grep -o . | sort -u); do
	grep -qE "^\.It .*Fl ([A-Za-z]+ , )*([ciTM]*)$letter|^\.Fl $letter" \
	    src/ucsync.8 || absent="${absent:-} -$letter"
done
for word in $(echo "$help" | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'); do
	grep -q "^\.It Cm $word" src/ucsync.8 || absent="${absent:-} $word"
done
[ -z "${absent:-}" ] && ok 'ucsync(8) has what --help has' ||
    fail 'ucsync(8) has what --help has' "not$absent"

# Every statement of the tables in src/conf, as `Ic word` in ucsync.cfg(5).
absent= n=0
for word in $(sed -n 's/^	{ "\([a-z-]*\)", parse_.*/\1/p' src/conf/*.c |
    sort -u); do
	n=$((n + 1))
	grep -qE "Ic $word( |\$)" src/ucsync.cfg.5 || absent="$absent $word"
done
[ -z "$absent" ] && [ "$n" -gt 25 ] && ok 'ucsync.cfg(5) has every word' ||
    fail 'ucsync.cfg(5) has every word' "$n, not$absent"

# example FIRST LAST: the examples between two headings of ucsync.cfg(5)
example() {
	sed -n "/^\.Ss .*$1/,/^\.S[sh] .*$2/p" src/ucsync.cfg.5 |
	    sed -n '/^\.Bd/,/^\.Ed/{/^\./!p
	    }'
}
SYSTEM=$OLDPWD
UCSYNC_SYSTEM_DIR=$SYSTEM
export UCSYNC_SYSTEM_DIR
for key in k new.key old.key; do
	"$UCSYNC" -k "$SYSTEM/$key"
done
echo '# nothing more' >"$SYSTEM/more.cfg"
{
	example 'At the top' 'In a group' | sed "s|/etc/ucsync|$SYSTEM|"
	echo 'group examples {'
	example 'In a group' 'In an action'
	example 'In an action' Patterns
	echo '}'
} >"$SYSTEM/ucsync.cfg"
[ "$(wc -l <"$SYSTEM/ucsync.cfg")" -gt 30 ] &&
    said=$("$UCSYNC" -N alpha -D "$SYSTEM/state" -M 2>&1)
[ $? -eq 2 ] && ok 'the examples of ucsync.cfg(5) are taken' ||
    fail 'the examples of ucsync.cfg(5) are taken' "${said:-}"

# Each message of the enum, with its number.
awk '/^enum message_type/ { on = 1; next }
    on && /^};/ { exit }
    on && match($1, /^MESSAGE_[A-Z]+/) {
	name = substr($1, 9, RLENGTH - 8)
	if (name != "TYPES")
		print n++, name
    }' src/sync/message.h >"$OLDPWD/enum"
sed -n 's/^\.It \([0-9][0-9]* [A-Z][A-Z]*\)$/\1/p' $page >"$OLDPWD/page"
[ "$(wc -l <"$OLDPWD/enum")" -gt 10 ] &&
    said=$(diff "$OLDPWD/enum" "$OLDPWD/page") && ok "every message" ||
    fail "every message" "$said"

# says HEADER NAME TEXT: the header gives NAME the value with which, in the
# place of @, TEXT stands in the page.
says() {
	value=$(printf '#include "%s"\nSAYS %s\n' "$1" "$2" |
	    cc -E -P -Isrc -x c - | tail -n 1 | sed 's/^SAYS //')
	[ "$value" != "$2" ] || value=$(sed -n \
	    "s/.*[^A-Z_]$2 = \([0-9][0-9 <]*\).*/\1/p" "src/$1")
	value=$(($value))
	want=$(echo "$3" | sed "s/@/$value/")
	[ "$value" -gt 0 ] && tr '\n' ' ' <$page | grep -qF -e "$want" &&
	    ok "$2" || fail "$2" "no '$want'"
}

says wire/net.h NET_PORT 'to port @ unless'
says wire/key.h KEY_MIN '@ to 512 characters'
says wire/key.h KEY_MAX '32 to @ characters'
says wire/key.h IDENTITY_MAX '@ bytes at most'
says wire/frame.h FRAME_MAX 'together at most @ bytes'
says wire/frame.h MESSAGE_MAX 'a varint, at most @'
says sync/message.h HELLO_KNOWN_MAX 'n, at most @, and n times'
says sync/message.h MESSAGE_TEXT_MAX 'text, at most @ bytes'
says sync/message.h OFFERS_AHEAD 'goes on until @ offers are without'
says sync/message.h OFFERS_HELD 'wait until it has @ changes'
says sync/message.h CONTENT_PIECE 'at most @ bytes in a piece'
says sync/message.h DIGEST_BITS_MAX '1 byte b, at most @;'
says sync/message.h PROTOCOL_VERSION "HELLO's version, now @"
says state/version.h HEADS_MAX 'at most @, and so many further stamps'
says state/version.h VECTOR_MAX 'at most @, and so many stamps'
says state/version.h AUTHOR_MAX 'made the change, @ bytes at most'
says base/path.h PATH_BYTES_MAX '1 to @ bytes: the path'
