# SPDX-License-Identifier: ISC
#
# tests/vm/machines.sh: virtual routers on one wire, to be sourced. Each is a
# qemu without KVM that runs a Debian kernel, tests/vm/init on busybox, and the
# static ucsync; its memory ends with it, its disk does not.
#
#	tools_here              installs qemu, busybox
#	kernel_here             fetches and unpacks the kernel into $KERNEL
#	machines_up             a directory, $OUT; what a router boots
#	disk_ext4 N, disk_flash N   router N gets an empty disk of this kind
#	boot N KIND [ARG...]    it starts (KIND: ext4, flash, nand); back at once
#	up N...                 they are up
#	power_off N             the plug is pulled
#	ended N                 whether it ends by itself, within the limit
#	tell N CMD              a command begins there; back at once
#	hear N                  its end: the output in $OUT/out, the status in $rc
#	on N CMD                both; the status
#
# A router that does not answer in time ends the test.

MACHINES_LIMIT=600
MACHINES=$TOP/tests/vm
KERNEL=$TOP/deps/vm
WIRE=$((20000 + $$ % 20000))
WANTED='virtio_pci virtio_net virtio_blk crc32c_generic ext4 jffs2 phram
    nandsim'

# tools_here: installs what is missing of what we run, as root.
tools_here() {
	missing=
	for tool in qemu-system-x86_64/qemu-system-x86 busybox/busybox-static \
	    mke2fs/e2fsprogs; do
		command -v "${tool%/*}" >/dev/null ||
		    missing="$missing ${tool#*/}"
	done
	# shellcheck disable=SC2086 # words
	[ -z "$missing" ] || {
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
		    apt-get -qq install -y --no-install-recommends $missing
	} >/dev/null
}

# Only what these modules need, with a list of what each needs.
unpack_kernel() {
	dpkg-deb --fsys-tarfile "$1"/linux-image-*.deb |
	    tar -xf - -C "$1" --wildcards './boot/vmlinuz-*' '*/kernel/lib/*' \
	    '*/kernel/crypto/*' '*/kernel/fs/*' '*/kernel/net/core/*' '*/kernel/drivers/mtd/*' \
	    '*/kernel/drivers/virtio/*' '*/kernel/drivers/block/*' \
	    '*/kernel/drivers/net/*' || return
	release=$(basename "$1"/lib/modules/*)
	busybox depmod -b "$1" "$release" || return
	from=$1/lib/modules/$release
	to=$1/root/lib/modules/$release
	mkdir -p "$to" && cp "$from/modules.dep" "$to" || return
	for module in $WANTED; do
		grep "/$module.ko:" "$from/modules.dep" | tr -d :
	done | tr ' ' '\n' | sort -u >"$1/list"
	(cd "$from" && xargs tar -cf - <"$1/list") | tar -xf - -C "$to"
}

# To unpack itself takes the kernel longer than all the rest of its start.
plain_kernel() {
	begin=$(LC_ALL=C grep -obUaP '\xfd7zXZ\x00' "$1" | cut -d : -f 1 |
	    head -n 1)
	tail -c "+$((begin + 1))" "$1" | xz -dc >"$2" 2>/dev/null
	[ "$(head -c 4 "$2" | tail -c 3)" = ELF ] || cp "$1" "$2"
}

# The package is some 70 MB; so is what is kept of it.
kernel_here() {
	[ ! -f "$KERNEL/ready" ] || return 0
	package=$(apt-cache depends linux-image-amd64 |
	    sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
	rm -rf "$KERNEL"
	mkdir -p "$KERNEL/package" &&
	(cd "$KERNEL/package" &&
	    apt-get -qq download "${package:-none}" 2>/dev/null) &&
	unpack_kernel "$KERNEL/package" &&
	plain_kernel "$KERNEL"/package/boot/vmlinuz-* "$KERNEL/kernel" &&
	mv "$KERNEL/package/root/lib" "$KERNEL/lib" &&
	rm -r "$KERNEL/package" && touch "$KERNEL/ready"
}

# What is in $OUT/root, and more if the caller puts it there.
machines_up() {
	OUT=$(mktemp -d "${TMPDIR:-/tmp}/ucsync-vm.XXXXXX") || exit 1
	trap machines_down EXIT
	trap 'exit 1' HUP INT TERM
	mkdir -p "$OUT/root/bin" "$OUT/root/etc/ucsync" &&
	cp "$(command -v busybox)" "$OUT/root/bin/" &&
	cp "$UCSYNC" "$OUT/root/bin/ucsync" &&
	cp "$MACHINES/init" "$OUT/root/init" &&
	chmod 755 "$OUT/root/init" &&
	cp -r "$KERNEL/lib" "$OUT/root/" || exit 1
}

pack() {
	(cd "$OUT/root" && find . | busybox cpio -o -H newc) >"$OUT/initrd" \
	    2>/dev/null
}

pid_of() {
	eval "echo \${pid_$1:-0}"
}

machines_down() {
	status=$?
	for number in 1 2 3 4 5; do
		power_off $number
	done
	rm -rf "$OUT"
	exit "$status"
}

disk_ext4() {
	truncate -s 24M "$OUT/disk$1" &&
	mke2fs -q -t ext4 "$OUT/disk$1"
}

disk_flash() {
	head -c 16M /dev/zero | tr '\0' '\377' >"$OUT/disk$1"
}

boot() {
	booted=$1
	kind=$2
	shift 2
	case $kind in
	ext4) set -- "$@" -drive \
	    "file=$OUT/disk$booted,format=raw,if=virtio" ;;
	flash) set -- "$@" -device ivshmem-plain,memdev=chip -object \
	    "memory-backend-file,id=chip,size=16M,share=on,mem-path=$OUT/disk$booted" ;;
	esac
	rm -f "$OUT/in$booted" "$OUT/said$booted"
	mkfifo "$OUT/in$booted"
	eval "exec $((booted + 3))<>\"$OUT/in$booted\""
	qemu-system-x86_64 -accel tcg -cpu qemu64,+rdrand -m 128 -nodefaults -no-reboot \
	    -display none -kernel "$KERNEL/kernel" -initrd "$OUT/initrd" \
	    -append "console=ttyS0 quiet panic=-1 no_timer_check \
	    mitigations=off node=$booted disk=$kind" \
	    -chardev "file,id=console,path=$OUT/console$booted,append=on" \
	    -serial chardev:console -chardev \
	    stdio,id=line,signal=off \
	    -serial chardev:line -netdev \
	    "socket,id=wire,mcast=230.0.0.41:$WIRE,localaddr=127.0.0.1" \
	    -device "virtio-net-pci,netdev=wire,mac=52:54:00:41:00:0$booted" \
	    "$@" <"$OUT/in$booted" >"$OUT/said$booted" 2>"$OUT/qemu$booted" &
	eval "pid_$booted=$! told_$booted=0"
}

power_off() {
	[ "$(pid_of "$1")" -eq 0 ] || {
		kill -9 "$(pid_of "$1")" 2>/dev/null
		wait "$(pid_of "$1")" 2>/dev/null
	}
	eval "pid_$1=0"
}

# ended N: it has ended by itself.
ended() {
	waited=0
	while kill -0 "$(pid_of "$1")" 2>/dev/null; do
		waited=$((waited + 1))
		[ "$waited" -lt $((MACHINES_LIMIT * 20)) ] || return 1
		sleep 0.05
	done
	power_off "$1"
}

tell() {
	eval "told_$1=\$((told_$1 + 1))"
	eval "echo \"\$told_$1 \$2\"" >&$(($1 + 3))
}

hear() {
	eval "heard=\$told_$1"
	waited=0
	until rc=$(sed -n "s/^@$heard //p" "$OUT/said$1" 2>/dev/null) &&
	    [ -n "$rc" ]; do
		waited=$((waited + 1))
		if [ "$waited" -gt $((MACHINES_LIMIT * 20)) ] ||
		    ! kill -0 "$(pid_of "$1")" 2>/dev/null; then
			echo "FAIL vm: router $1 does not answer"
			tail -n 5 "$OUT/qemu$1" "$OUT/console$1" "$OUT/said$1"
			exit 1
		fi
		sleep 0.05
	done
	awk -v on=$((heard == 0)) -v end="@$heard " \
	    -v begin="@$((heard - 1)) " '
	    index($0, end) == 1 { exit }
	    on { print }
	    index($0, begin) == 1 { on = 1 }' "$OUT/said$1" >"$OUT/out"
}

on() {
	tell "$1" "$2"
	hear "$1"
	return "$rc"
}

up() {
	for upped; do
		hear "$upped"
		[ "$rc" -eq 0 ] || {
			echo "FAIL vm: router $upped does not boot"
			cat "$OUT/out" "$OUT/console$upped"
			exit 1
		}
	done
}
