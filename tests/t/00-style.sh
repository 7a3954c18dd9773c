#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Each check of tests/style passes a small clean tree and fails on the same
# tree with one thing wrong.

style="sh $TOP/tests/style"
unset BUILD

tree() {
	rm -rf tree
	mkdir -p tree/src/base tree/src/wire tree/src/conf tree/tests tree/.ci
	cat >tree/src/base/a.h <<-END
	/* SPDX-License-Identifier: ISC */
	#ifndef BASE_A_H
	#define BASE_A_H
	int a_get(void);
	#endif
	END
	sed 's/A_H/B_H/; s/a_get/b_get/' tree/src/base/a.h >tree/src/base/b.h
	cat >tree/src/base/a.c <<-END
	/* SPDX-License-Identifier: ISC */
	/* A double strcpy(x) in a comment, and "in a string", is none. */
	#include "a.h"
	#include "b.h"

	static const char text[] = "sprintf(\"// float\")";

	int
	a_get(void)
	{
	=	return text[0];
	}
	END
	sed -i 's/^=//' tree/src/base/a.c
}

# wrong CHECK FILE TEXT...: each TEXT, appended to FILE, makes CHECK fail.
wrong() {
	check=$1
	file=$2
	shift 2
	for text; do
		tree
		printf '%b\n' "$text" >>"tree/src/$file"
		$style tree 2>&1 | grep -q "^FAIL style: $check: " && continue
		echo "FAIL 00-style: $check: does not see $text"
		return
	done
	echo "ok 00-style: $check ($file)"
}

lines() {
	awk -v n="$1" 'BEGIN { while (n--) printf "\\tx();\\n" }'
}

functions() {
	awk -v n="$1" -v body="$(lines "$2" | sed 's/\\/&&/g')" '
	BEGIN { while (n--) printf "int\\nx%d(void)\\n{\\n%s}\\n", n, body }'
}

tree
if $style tree >out 2>&1; then
	echo "ok 00-style: passes a clean tree"
else
	echo "FAIL 00-style: clean tree: $(grep FAIL out | head -n 1)"
fi

wrong 'layers' base/a.c '#include "wire/net.h"' '#include "conf/conf.h"'
wrong 'layers' wire/a.c '#include "conf/conf.h"' '#include "x/x.h"'
wrong 'no circle' base/b.h '#include "a.h"'
wrong 'headers compile alone' base/a.h 'size_t a_size(void);'
wrong 'headers compile alone' base/c.h '/* no guard */'
wrong 'forbidden calls' base/a.c '\tstrcpy(x);' '\tif (strcat(x))' \
    '\tx = sprintf (x);' '\tvsprintf(x);' '\tstrtok(x);' '\tatoi(x);' \
    '\tgets(x);' '\tsystem(x);' '\tpopen(x);'
wrong 'forbidden conversions' base/a.c '\tscanf(x);' '\tsscanf(x);' \
    '\tvfscanf(x);' '\tstrtod(x);' '\tp = alloca(x);'
wrong 'no floating point' base/a.c 'static double x;' 'int f(float);'
wrong 'bearssl.h in the TLS modules' wire/net.c '#include <bearssl.h>'
wrong 'tomcrypt.h in base/hash.c' base/a.c '#include <tomcrypt.h>'
wrong 'zlib.h in the compressor' base/a.c '#include <zlib.h>'
wrong 'sockets in wire/net.c' base/a.c '\tsocket(x);' '\tif (connect(x))' \
    '\tbind(x);'
wrong 'commands in sync/command.c' base/a.c '\texecve(x);' '\texeclp(x);'
wrong 'nobody prints or exits below cmd' base/a.c '\tprintf(x);' \
    '\tfprintf(x);' '\texit(1);'
wrong 'no typedef of structs' base/a.c 'typedef struct a a_t;'
wrong 'no // comments' base/a.c 'int x; // what for'
wrong 'functions to 100 lines' base/a.c "$(functions 1 99)"
wrong 'functions are short' base/a.c "$(functions 21 14)"
wrong 'files to 600 lines' base/a.c "$(lines 600)"
wrong 'nesting to four' base/a.c '\t\t\t\t\t\tx();'
wrong 'few #if' base/a.c '#ifdef X\n#endif'
wrong '80 columns' base/a.c "\t$(printf '%073d' 0)"
wrong 'no blanks at the end' base/a.c 'int x; ' 'int x;\t'
wrong 'each file names its licence' base/c.c 'int x;' \
    '/* SPDX-License-Identifier: ISC */\nint x;'
wrong 'each file names its licence' ../.ci/run '#!/bin/sh'

# What can change is looked for in the compiled code.
BUILD=$PWD/tree
export BUILD
# state VERDICT TEXT: the check's verdict on a module with TEXT.
state() {
	tree
	printf '#include <signal.h>\n%s\n' "$2" >>tree/src/base/a.c
	if (cd tree/src && $CC -c -o ../a.o base/a.c &&
	    ar rc ../libucsync.a ../a.o) &&
	    $style tree | grep -q "^$1 style: no mutable state"; then
		echo "ok 00-style: no mutable state: $2"
	else
		echo "FAIL 00-style: no mutable state: not $1: $2"
	fi
}
state FAIL 'int a_count;'
state FAIL 'int a_next(void) { static int n = 1; return n++; }'
state ok 'const char *const a_names[] = { "a" };'
state ok 'volatile sig_atomic_t a_flag;'
