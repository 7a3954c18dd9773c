# SPDX-License-Identifier: ISC
#
# What a builder may change, here, in the environment or as `make NAME=value`.

VERSION ?= 0.1.0

PREFIX ?= /usr/local
DESTDIR ?=
# Where bash looks for completions.
COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions

# musl: the static ./ucsync, with libc and libraries built from source into
# deps/musl.
# glibc: build/glibc/ucsync, on Debian's -dev packages, to find bugs with.
# mips mipsel armv7 armel aarch64 riscv64 i386: build/TARGET/ucsync, static, by
# Debian's cross compilers.
# Any other word, or with CC: as musl, in directories of that name.
TARGET ?= musl

# 1: with the address and undefined behaviour sanitizers (TARGET=glibc only).
SAN ?=

# make has a CC of its own, so that ?= would never set it.
ifeq ($(origin CC),default)
CC = $(if $(filter glibc,$(TARGET)),gcc,$(or $(CROSS_CC),musl-gcc))
AR = $(if $(CROSS_CC),$(CROSS)-)ar
endif
CFLAGS ?= $(if $(filter glibc,$(TARGET)),$(if $(SAN),-O1,-O2) -g,-Os)
LDFLAGS ?=

# Empty: link as CC does by itself (for a package that shares the libc).
STATIC ?= -static -no-pie

# Empty: for MIPS CPUs that lack this shorter code, as Octeon does.
MIPS16 ?= -mips16 -minterlink-mips16

# For x86; empty for a gcc before 12, which has no -Oz.
SHORT ?= -Oz -fno-jump-tables -fno-caller-saves

# Directories with the libraries' sources; empty: taken from Debian.
MUSL_SRC ?=
BEARSSL_SRC ?=
LIBTOMCRYPT_SRC ?=
ZLIB_SRC ?=

# -lz: the zlib that CC finds, in place of one of our own.
ZLIB ?=
