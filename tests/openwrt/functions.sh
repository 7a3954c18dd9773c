# SPDX-License-Identifier: ISC
#
# Stands for OpenWrt's /lib/functions.sh in tests: as much of UCI as an init
# script sees, read from /etc/config by BusyBox's awk.

# Writes the assignments of a UCI file, each value as one word of the shell.
uci_words() {
	awk -v q="'" '
	function word(s) {
		gsub(q, q "\\" q q, s)
		return q s q
	}
	# The next word of line, UCI-quoted or plain.
	function take(  c, n, s) {
		sub(/^[ \t]+/, "", line)
		c = substr(line, 1, 1)
		if (c == q || c == "\"") {
			line = substr(line, 2)
			while (!(n = index(line, c))) {
				if ((getline more) <= 0)
					break
				line = line "\n" more
			}
			s = substr(line, 1, n - 1)
			line = substr(line, n + 1)
		} else {
			match(line, /^[^ \t]*/)
			s = substr(line, 1, RLENGTH)
			line = substr(line, RLENGTH + 1)
		}
		return s
	}
	{ line = $0; kind = take() }
	kind == "config" {
		type = take()
		name = take()
		if (name == "")
			name = "cfg" sprintf("%06x", ++anonymous)
		print "uci_section", word(type), name
	}
	kind == "option" { key = take(); print "uci_option", name, key, word(take()) }
	kind == "list" { key = take(); print "uci_item", name, key, word(take()) }
	' "$1"
}

uci_section() {
	UCI_SECTIONS="$UCI_SECTIONS $1:$2"
}

uci_option() {
	eval "CONFIG_$1_$2=\$3"
}

uci_item() {
	eval "uci_n=\$((\${CONFIG_$1_$2_LENGTH:-0} + 1))"
	eval "CONFIG_$1_$2_LENGTH=\$uci_n CONFIG_$1_$2_ITEM$uci_n=\$3"
}

config_load() {
	UCI_SECTIONS=
	eval "$(uci_words "/etc/config/$1")"
}

config_get() {
	eval "$1=\${CONFIG_$2_$3:-\${4:-}}"
}

config_get_bool() {
	config_get uci_bool "$2" "$3" "$4"
	# shellcheck disable=SC2154 # config_get sets it
	case $uci_bool in
	1|on|true|yes|enabled) eval "$1=1" ;;
	*) eval "$1=0" ;;
	esac
}

# config_foreach FUNCTION TYPE ARGS...
config_foreach() {
	local function="$1" type="$2" section
	shift 2
	for section in $UCI_SECTIONS; do
		[ "${section%%:*}" != "$type" ] ||
		    "$function" "${section#*:}" "$@"
	done
}

# config_list_foreach SECTION LIST FUNCTION ARGS...
config_list_foreach() {
	local prefix="CONFIG_$1_$2" function="$3" n=0 length item
	shift 3
	eval "length=\${${prefix}_LENGTH:-0}"
	while [ "$n" -lt "$length" ]; do
		n=$((n + 1))
		eval "item=\$${prefix}_ITEM$n"
		"$function" "$item" "$@"
	done
}
