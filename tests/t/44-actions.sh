#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Actions: where they run and when, with what arguments, list and environment,
# their log, time limit and exit code, and that one survives a kill -9.

. "$TOP/tests/nodes.sh"

nodes_up a b
[ "$MODE" = namespaces ] || {
	skip "actions" "needs a root directory for each host"
	exit 0
}
key key a b
config a b <<'END'
group g {
	host a b; key key; include /srv/t; auto first;
	action { exec "/srv/act there"; }
	action { pattern /srv/t/p1 /srv/t/q*; exec "/srv/act pattern"; }
	action { pattern /srv/t/p*; exec "/srv/act local"; do-local; }
	action { pattern /srv/t/p*; exec "/srv/act only"; do-local-only; }
	action {
		pattern /srv/t/names; exec "/srv/act names %%";
		exec "/srv/act second a%%b"; exec "/srv/act list";
	}
	action {
		pattern /srv/t/log; exec "echo out; echo err >&2";
		logfile "/srv/out/log";
	}
	action { pattern /srv/t/fails; exec "exit 3"; }
	action { pattern /srv/t/fails2; exec "exit 4"; do-local-only; }
	action { pattern /srv/t/hangs; exec "sleep 30"; timeout 1; }
	action {
		pattern /srv/t/slow;
		exec "echo $PPID >/srv/out/ppid; /srv/act slow; \
		    [ -e /srv/fast ] || sleep 20";
	}
}
END
a=$(node_dir a) b=$(node_dir b)
for node in $a $b; do
	mkdir "$node/srv/t" "$node/srv/out"
	cat >"$node/srv/act" <<'END'
#!/bin/sh
# Notes a run: in NAME what it was, in NAME.args and NAME.list the files.
name=$1
shift
echo "$UCSYNC_GROUP ${UCSYNC_PEER:-nobody} $#" >>"/srv/out/$name"
for file; do
	printf '%s\0' "$file"
done >"/srv/out/$name.args"
cat >"/srv/out/$name.list"
END
	chmod 755 "$node/srv/act"
done
serve a && serve b || exit 1

# push CODE FILE...: new contents for these files of a, and -x.
push() {
	code=$1
	shift
	rm -rf "$a"/srv/out/* "$b"/srv/out/*
	for file; do
		round=$((${round:-0} + 1))
		echo "$round" >"$a/srv/t/$file"
	done
	run ucs a -x
	[ "$rc" -eq "$code" ] || {
		fail "-x" "exit $rc"
		cat "$OUT/out"
	}
}

# ran NODE NAME LINE...: that action's runs on that node, each a line.
ran() {
	where=$(node_dir "$1")/srv/out/$2
	shift 2
	printf '%s' "$*" >expected
	tr '\n' ';' <"$where" 2>/dev/null | sed 's/;$//' | cmp - expected || {
		echo "it ran: $(cat "$where")"
		return 1
	}
}

never() {
	[ ! -e "$(node_dir "$1")/srv/out/$2" ]
}

push 0 p1 p2 other
check "runs once where files came" ran b there "g a 0"
check "does not run where they come from" never a there
check "a pattern" ran b pattern "g a 0"
check "do-local runs on both: there" ran b local "g a 0"
check "do-local runs on both: here" ran a local "g nobody 0"
check "do-local-only runs here" ran a only "g nobody 0"
check "do-local-only does not run there" never b only
printf '/srv/t/p1\0/srv/t/p2\0' >list
check "its list holds what fired it" cmp list "$a/srv/out/only.list"
push 0 other
check "another file fires no pattern" never b pattern
push 0
check "nothing changed, nothing runs" never b there

# Names that a shell would read as something else.
rm -rf "$a"/srv/out/* "$b"/srv/out/*
mkdir "$a/srv/t/names"
newline=$(printf 'new\nline')
(
	cd "$a/srv/t/names" || exit 1
	for name in 'sp ace' 'quo"te' "apo's" "$newline" -dash \
	    '$(touch pwned)' '`id`' ';id' '*' '\' '%%' '$HOME' '& true'; do
		echo x >"./$name"
	done
)
(cd "$a" && find srv/t/names -printf '/%p\0') | LC_ALL=C sort -z >names
count=$(tr -cd '\0' <names | wc -c)
run ucs a -x
check "names are arguments: $count of them" ran b names "g a $count"
LC_ALL=C sort -z "$b/srv/out/names.args" >got
check "just these" cmp names got
LC_ALL=C sort -z "$b/srv/out/names.list" >got
check "they are the list, too" cmp names got
check "text around them" ran b second "g a $count"
check "text before the first" \
    sh -c 'tr "\0" "\n" <"$0" | head -n 1 | grep -q "^a/srv"' \
    "$b/srv/out/second.args"
check "without %% no arguments" ran b list "g a 0"
LC_ALL=C sort -z "$b/srv/out/list.list" >got
check "but the list" cmp names got
check "nothing of a name was run" \
    [ -z "$(find "$a/srv" "$b/srv" -name 'pwned')" ]

# More names than fit into one run.
rm -rf "$a"/srv/out/* "$b"/srv/out/*
long=$(printf '%0200d' 0)
i=0
while [ $i -lt 600 ]; do
	echo x >"$a/srv/t/names/$long$i"
	i=$((i + 1))
done
run ucs a -x
check "several runs when they do not fit" \
    [ "$(wc -l <"$b/srv/out/names")" -gt 1 ]
check "none is left out" [ "$(awk '{ n += $3 } END { print n }' \
    "$b/srv/out/names")" -eq 600 ]
check "one list when there are no arguments" \
    [ "$(wc -l <"$b/srv/out/list")" -eq 1 ]

push 0 log
cp "$b/srv/out/log" first
printf 'out\nerr\n' >expected
check "output goes to the log" cmp expected first
echo 1 >>"$a/srv/t/log"
run ucs a -x
check "the log is appended to" \
    [ "$(cat "$b/srv/out/log")" = "$(cat first first)" ]

run ucs a -x
echo x >"$a/srv/t/fails"
run ucs a -x
check "an exit code travels back" \
    grep -q '^b: action of group g ended with 3 ' "$OUT/out"
echo "# exit $rc when an action fails there"
echo x >"$a/srv/t/fails2"
run ucs a -x
check "an exit code here is shown" \
    grep -q '^action of group g ended with 4 ' "$OUT/out"
echo "# exit $rc when an action fails here"
begun=$(date +%s)
echo x >"$a/srv/t/hangs"
run ucs a -x
check "a time limit" [ $(($(date +%s) - begun)) -lt 8 ]
check "is reported" grep -q '^b: .*stopped after .*time limit' "$OUT/out"

# Killed while its action runs.
rm -rf "$a"/srv/out/* "$b"/srv/out/*
echo x >"$a/srv/t/slow"
ucs a -x >killed 2>&1 &
client=$!
await "the action" [ -s "$b/srv/out/slow" ]
kill -KILL "$(cat "$b/srv/out/ppid")"
wait $client
sed 's/^/# /' killed
check "the file is there" same_tree a b /srv/t
touch "$b/srv/fast"
rm "$b/srv/out/slow"
run ucs b -x
check "an action that was killed runs again" ran b slow "g a 0"
rm "$b/srv/out/slow"
run ucs b -x
check "and then no more" never b slow
