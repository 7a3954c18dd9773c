# SPDX-License-Identifier: ISC
#
# Completion for bash: words, letters and what goes with them.  Words and
# letters are what the program's --help says; groups, hosts and config names are
# looked for in the system directory.

# __ucsync_conf group|host: such names in the config files.
__ucsync_conf() {
	cat "${UCSYNC_SYSTEM_DIR:-/etc/ucsync}"/*.cfg 2>/dev/null |
	    sed 's/#.*//; s/[;{}()]/ & /g' | tr -s ' \t' '\n\n' |
	    awk -v want="$1" '
	    /^[;{}]$/ { on = 0; next }
	    on && !/^[()]$/ { sub(/@.*/, ""); print }
	    $0 == want { on = 1 }'
}

_ucsync() {
	local word=${COMP_WORDS[COMP_CWORD]} before= help list=
	help=$("${COMP_WORDS[0]}" --help 2>/dev/null)
	[ "$COMP_CWORD" -eq 0 ] || before=${COMP_WORDS[COMP_CWORD-1]}
	case $before in
	--for)
		list=$(__ucsync_conf host)
		;;
	--*)
		;;
	-*G)
		list=$(__ucsync_conf group)
		;;
	-*[PN])
		list=$(__ucsync_conf host)
		;;
	-*C)
		list=$(ls "${UCSYNC_SYSTEM_DIR:-/etc/ucsync}" 2>/dev/null |
		    sed -n 's/^ucsync_\(.*\)\.cfg$/\1/p')
		;;
	-*[DsWpjn])
		return          # a file, or a number
		;;
	esac
	if [ -n "$list" ]; then
		:
	elif [[ $word == -* ]]; then
		list=$(grep -v ^usage <<<"$help" |
		    grep -oE -- '(^| )-(-[a-z]+|[A-Za-z]+)')
	elif [ "$COMP_CWORD" -eq 1 ]; then
		list=$(sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' <<<"$help")
	elif [ "$before" = keygen ]; then
		list=--for
	fi
	# names may come after a comma
	local front=
	if [[ $before == -*[GP] && $word == *,* ]]; then
		front=${word%,*},
		word=${word##*,}
	fi
	mapfile -t COMPREPLY < <(compgen -W "$list" -P "$front" -- "$word" |
	    sort -u)
}

complete -o default -F _ucsync ucsync
