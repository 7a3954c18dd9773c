#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Our TLS against OpenSSL's and GnuTLS's, in both roles, and our client against
# wolfSSL's server, which alone has AES-128-GCM with ECDHE_PSK, on the loopback:
# data, exported keying material, wrong keys, unknown identities, other suites
# and curves, renegotiation.  tests/peer/tlspipe.c is the end that is ours.

identity=c1/5c88/alpha/beta/
psk=5decdd4b0a09ad055b29d0334ba204509903591a932df98b8fd2769ecb8a8de8
wrong=6decdd4b0a09ad055b29d0334ba204509903591a932df98b8fd2769ecb8a8de8
suite=ECDHE-PSK-CHACHA20-POLY1305

case $BUILD in
*/glibc-san) flags="-fsanitize=address,undefined" libs="-lbearssl" ;;
*/glibc) flags='' libs=-lbearssl ;;
*)
	flags="-static -no-pie -isystem $TOP/deps/${BUILD##*/}/include"
	libs=$TOP/deps/${BUILD##*/}/libbearssl.a
	;;
esac
# shellcheck disable=SC2086 # lists of words
$CC $flags -std=c99 -D_POSIX_C_SOURCE=200809L -I"$TOP/src" -o tlspipe \
    "$TOP/tests/peer/tlspipe.c" "$BUILD/libucsync.a" $libs || exit 1

# says FILE TEXT: waits until TEXT is in FILE.
says() {
	tries=0
	until grep -q -- "$2" "$1" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		sleep 0.05
	done
}

# verdict NAME FILE TEXT...: ok when each TEXT is in FILE.
verdict() {
	name=$1
	file=$2
	shift 2
	for text; do
		says "$file" "$text" || {
			tail -n 20 "$file"
			echo "FAIL tls: $name: no \"$text\" in $file"
			return
		}
	done
	echo "ok tls: $name"
}

# other NAME LIBRARY: compiles another end, with this machine's libraries.
other() {
	cc -std=c99 -D_POSIX_C_SOURCE=200809L -o "$1" "$TOP/tests/peer/$1.c" \
	    "-l$2" >built 2>&1 && return
	echo "skip tls: $1: no headers of $2"
	return 1
}

# same_export NAME: both ends exported the same.
same_export() {
	mine=$(sed -n 's/^exported //p' ours | tr a-f A-F)
	its=$(sed -n 's/^exported //p; s/^ *Keying material: //p' theirs |
	    tr a-f A-F)
	if [ ${#mine} -eq 64 ] && [ "$mine" = "$its" ]; then
		echo "ok tls: $1: both export the same"
	else
		echo "FAIL tls: $1: exported '$mine' and '$its'"
	fi
}

# serve INPUT [-e]: our server in the background; its port in $port.
serve() {
	rm -f ours
	# shellcheck disable=SC2086 # none or one word
	timeout 20 ./tlspipe server "$identity" "$psk" ${2-} <"$1" >said \
	    2>ours &
	pid=$!
	says ours '^port' || exit 1
	port=$(sed -n 's/^port //p' ours)
}

# s_client ARGUMENT...: OpenSSL's client, its output in `theirs`.
s_client() {
	timeout 10 openssl s_client -connect "127.0.0.1:$port" -tls1_2 "$@" \
	    >theirs 2>errors
	grep -a 'alert number' errors >alerts
}

# s_server PSK SUITE [OPTION...]: OpenSSL's server, which sends back each line
# reversed, unless other options are given.
s_server() {
	rm -f theirs
	server_psk=$1
	server_suite=$2
	shift 2
	[ $# -gt 0 ] || set -- -rev
	[ -p silence ] || mkfifo silence
	# the end of its stdin would end it
	timeout 20 openssl s_server -accept 127.0.0.1:0 -psk "$server_psk" \
	    -psk_identity "$identity" -nocert -tls1_2 \
	    -cipher "$server_suite" "$@" <>silence >theirs 2>&1 &
	pid=$!
	says theirs '^ACCEPT .*:' || exit 1
	port=$(sed -n 's/^ACCEPT .*://p' theirs)
}

stop() {
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null || :
}

openssl_serves() {
	s_server "$psk" "$suite"
	printf 'hello\nCLOSE\n' |
	    timeout 10 ./tlspipe client "$port" "$identity" "$psk" \
	    >said 2>ours
	cat said >>ours
	verdict "client to openssl" ours '^ok$' '^olleh$'
	verdict "openssl sees our suite and curve" theirs \
	    "^Ciphersuite: $suite" '^Supported groups: x25519'
	stop
	s_server "$psk" "$suite" -keymatexport EXPORTER-test \
	    -keymatexportlen 32
	timeout 10 ./tlspipe client "$port" "$identity" "$psk" -e </dev/null \
	    2>ours
	says theirs 'Keying material: '
	same_export "client to openssl"
	stop
	s_server "$wrong" "$suite"
	timeout 10 ./tlspipe client "$port" "$identity" "$psk" </dev/null 2>ours
	verdict "client with a wrong key" ours \
	    '^failure 1: the peer has another key'
	stop
	s_server "$psk" ECDHE-PSK-AES128-CBC-SHA256
	timeout 10 ./tlspipe client "$port" "$identity" "$psk" </dev/null 2>ours
	verdict "client with another suite" ours \
	    '^failure 4: the peer refused while .*: alert 40'
	stop
}

openssl_connects() {
	openssl rand 3000000 >data
	serve data -e
	s_client -psk "$psk" -psk_identity "$identity" -quiet </dev/null
	verdict "server to openssl" ours '^ok$'
	cmp -s data theirs && echo "ok tls: 3 MB to openssl" ||
	    echo "FAIL tls: 3 MB to openssl"
	serve /dev/null
	s_client -psk "$psk" -psk_identity "$identity" -nocommands \
	    -keymatexport EXPORTER-test -keymatexportlen 32 <data
	verdict "server from openssl" ours '^ok$'
	same_export "server from openssl"
	cmp -s data said && echo "ok tls: 3 MB from openssl" ||
	    echo "FAIL tls: 3 MB from openssl"
}

openssl_refused() {
	serve /dev/null
	s_client -psk "$wrong" -psk_identity "$identity" </dev/null
	verdict "server with a wrong key" ours \
	    '^failure 1: the peer has another key'
	verdict "and says so to openssl" alerts 'alert number 20'
	serve /dev/null
	s_client -psk "$psk" -psk_identity "${identity}x" </dev/null
	verdict "unknown identity" ours '^failure 4: the peer sent an identity'
	verdict "and says so to openssl, too" alerts 'alert number 115'
	serve /dev/null
	s_client -psk "$psk" -psk_identity "$identity" \
	    -cipher PSK-AES128-GCM-SHA256 </dev/null
	verdict "another suite" ours '^failure 4: the peer sent no cipher'
	serve /dev/null
	s_client -psk "$psk" -psk_identity "$identity" -groups P-256 </dev/null
	verdict "another curve" ours '^failure 4: the peer sent no x25519'
	serve /dev/null
	{
		says theirs 'Extended master secret: yes'
		echo R
		says ours '^failure'
	} | s_client -psk "$psk" -psk_identity "$identity"
	verdict "renegotiation" ours \
	    '^failure 4: the peer sent an unexpected message'
}

gnutls_serves() {
	echo "$identity:$psk" >keys
	port=$((20000 + $$ % 20000))
	timeout 20 gnutls-serv --echo --port "$port" --pskpasswd keys \
	    --priority NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-PSK \
	    >theirs 2>&1 &
	pid=$!
	says theirs 'listening on'
	: >said
	{
		echo hello
		says said hello
	} | timeout 10 ./tlspipe client "$port" "$identity" "$psk" -e \
	    >said 2>ours
	cat said >>ours
	verdict "client to gnutls" ours '^ok$' '^hello$'
	timeout 10 ./tlspipe client "$port" "$identity" "$wrong" </dev/null \
	    2>ours
	verdict "client to gnutls with a wrong key" ours '^failure 1'
	stop
}

# meet SERVER CLIENT [PSK]: the two pipes; a line each way.
meet() {
	rm -f "$1.err"
	echo served | timeout 20 "./$1" server "$identity" "$psk" \
	    >"$1.out" 2>"$1.err" &
	pid=$!
	says "$1.err" '^port'
	port=$(sed -n 's/^port //p' "$1.err")
	{
		echo asked
		says "$1.out" asked
	} | timeout 20 "./$2" client "$port" "$identity" "${3-$psk}" \
	    "${4--e}" >"$2.out" 2>"$2.err"
	wait "$pid"
	cat tlspipe.err tlspipe.out >ours
	other=$1
	[ "$1" != tlspipe ] || other=$2
	cat "$other.err" "$other.out" >theirs
}

gnutls_pipe() {
	meet gnutlspipe tlspipe
	verdict "client to gnutls' server" ours '^ok$' '^served$'
	verdict "gnutls sees our suite" theirs '^ok$' '^asked$' \
	    '^suite CHACHA20-POLY1305, extended master secret: yes'
	same_export "client to gnutls"
	serve data -e
	timeout 20 ./gnutlspipe client "$port" "$identity" "$psk" </dev/null \
	    >said 2>theirs
	verdict "server to gnutls" ours '^ok$'
	verdict "gnutls' client" theirs '^ok$' \
	    '^suite CHACHA20-POLY1305, extended master secret: yes'
	cmp -s data said && echo "ok tls: 3 MB to gnutls" ||
	    echo "FAIL tls: 3 MB to gnutls"
	same_export "server to gnutls"
	serve /dev/null
	timeout 20 ./gnutlspipe client "$port" "$identity" "$wrong" \
	    </dev/null >/dev/null 2>theirs
	verdict "server to gnutls with a wrong key" ours \
	    '^failure 1: the peer has another key'
	verdict "and says so to gnutls" theirs '^alert 20'
	serve /dev/null
	timeout 20 ./gnutlspipe client "$port" "${identity}x" "$psk" \
	    </dev/null >/dev/null 2>theirs
	verdict "unknown identity from gnutls" theirs '^alert 115'
}

wolf() {
	meet wolfpipe tlspipe
	verdict "client to wolfssl, ChaCha20-Poly1305" ours '^ok$' '^served$' \
	    '^sealed by ChaCha20-Poly1305'
	verdict "wolfssl has it, too" theirs '^asked$' \
	    '^suite ECDHE-PSK-CHACHA20-POLY1305'
	same_export "client to wolfssl, ChaCha20-Poly1305"
}

wolf_aes() {
	grep -qw aes /proc/cpuinfo || {
		echo "skip tls: AES-128-GCM: no AES in this CPU"
		return
	}
	meet wolfpipe tlspipe
	verdict "client to wolfssl, AES-128-GCM" ours '^ok$' '^served$' \
	    '^sealed by AES-128-GCM'
	verdict "wolfssl sees our suite" theirs '^ok$' '^asked$' \
	    '^suite ECDHE-PSK-AES128-GCM-SHA256'
	same_export "client to wolfssl, AES-128-GCM"
	rm -f wolfpipe.err
	timeout 20 ./wolfpipe server "$identity" "$psk" <data >/dev/null \
	    2>wolfpipe.err &
	pid=$!
	says wolfpipe.err '^port'
	port=$(sed -n 's/^port //p' wolfpipe.err)
	timeout 20 ./tlspipe client "$port" "$identity" "$psk" </dev/null \
	    >said 2>ours &
	says said . && until [ "$(wc -c <said)" -ge 3000000 ]; do
		sleep 0.1
	done
	kill $!
	stop
	cmp -s data said && echo "ok tls: 3 MB from wolfssl" ||
	    echo "FAIL tls: 3 MB from wolfssl"
}

if openssl ciphers -tls1_2 -psk 2>/dev/null | grep -q "$suite"; then
	openssl_serves
	openssl_connects
	openssl_refused
else
	echo "skip tls: no openssl with $suite"
fi
[ -f data ] || head -c 3000000 /dev/urandom >data
if command -v gnutls-serv >/dev/null; then
	gnutls_serves
else
	echo "skip tls: no gnutls-serv"
fi
! other gnutlspipe gnutls || gnutls_pipe
if other wolfpipe wolfssl; then
	wolf_aes
	AES=0
	export AES
	wolf
fi
