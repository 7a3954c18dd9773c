#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The manual pages are well formed, and ucsync-proto(5) says of messages, bits
# and limits what the headers say.

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
	elif said=$(mandoc -Tlint "$file"); then
		ok "${file#src/} is well formed"
	else
		fail "${file#src/} is well formed" "$said"
	fi
done

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
says sync/message.h CONTENT_PIECE 'at most @ bytes in a piece'
says sync/message.h DIGEST_BITS_MAX '1 byte b, at most @;'
says sync/message.h PROTOCOL_VERSION "HELLO's version, now @"
says state/version.h HEADS_MAX 'at most @, and so many further stamps'
says state/version.h VECTOR_MAX 'at most @, and so many stamps'
says state/version.h AUTHOR_MAX 'made the change, @ bytes at most'
says base/path.h PATH_BYTES_MAX '1 to @ bytes: the path'
