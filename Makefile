# SPDX-License-Identifier: ISC
#
# make, make deps, make test, make fuzz, make bench, make demo, make install: see
# README and config.mk.  A makefile for GNU make, for its pattern rules, conditionals and
# order-only prerequisites; nothing else of it is used.

# For each CPU: Debian's name of the compiler, musl's of the machine, and what is
# told to the compiler. MIPS routers have no FPU, and nothing that acts as one.
HOST := $(shell uname -m)
OTHER_musl = $(HOST)-linux-gnu $(HOST)-linux-musl
SOFT = -mips32r2 -mtune=24kc -msoft-float -mno-shared -mplt
OTHER_mips = mips-linux-gnu mips-linux-muslsf $(SOFT)
OTHER_mipsel = mipsel-linux-gnu mipsel-linux-muslsf $(SOFT)
OTHER_armv7 = arm-linux-gnueabihf arm-linux-musleabihf
OTHER_armel = arm-linux-gnueabi arm-linux-musleabi
OTHER_aarch64 = aarch64-linux-gnu aarch64-linux-musl
OTHER_riscv64 = riscv64-linux-gnu riscv64-linux-musl
OTHER_i386 = i686-linux-gnu i386-linux-musl
OTHERS = mips mipsel armv7 armel aarch64 riscv64 i386
OTHER = $(OTHER_$(TARGET))
CROSS = $(firstword $(OTHER))
CROSS_CC = $(if $(OTHER),$(abspath deps/$(TARGET)/cc))

include config.mk

# Code of half the length on MIPS, and a 60th less on x86, for what is not FAST;
# not for the libraries.
COMPACT = $(if $(filter mips mipsel,$(TARGET)),$(MIPS16))$(if \
	$(filter musl i386,$(TARGET)),$(SHORT))
# Whether a musl is built for this, too.
MUSL = $(filter $(CROSS_CC),$(CC))

OBJ = build/$(TARGET)$(if $(SAN),-san)
BIN = $(if $(filter musl,$(TARGET)$(SAN)),ucsync,$(OBJ)/ucsync)
LIB = $(OBJ)/libucsync.a

# The modules of each folder, lowest first; a new one is named here and nowhere
# else.  main is not in the library that unit tests are linked with.
BASE = err buf escape log path lanes aside hash num mem clock random
CONF = glob lexer word value pattern conf block group parser match overlap name \
	check load
STATE = version entry head record journal reader draft base facts tail index \
	scan entries compact machine place state keyed fact
DELTA = blockhash signature sigtable delta ops patch unified
WIRE = hkdf key secret suite hello handshake tls lookup net compress frame link
FS = spare tree roots listing detect walk xattr temp stage rename flush meta job \
	change kept backup prepare apply recover commit notify
SYNC = message pair resolve tombstone settled owing exchange digest reconcile greeting vanished judge replica parents content \
	incoming living items receiving answer outgoing offering comparing command action \
	session
CMD = options scratch database tempdir setup args print select dirs memo contact \
	report guard keptdirs deviation check asked overlap progress peer sync list named \
	force owe mark hint diffs repair compare files forget keygen errand \
	signals serve listener watch agent timing keys init \
	warnings json health status configtest explain

# Where the time goes: these are built for speed, whatever CFLAGS say.
FAST = base/buf base/path delta/blockhash delta/sigtable delta/delta \
	state/record state/entry

MODULES = $(BASE:%=base/%) $(CONF:%=conf/%) $(STATE:%=state/%) \
	$(DELTA:%=delta/%) $(WIRE:%=wire/%) $(FS:%=fs/%) $(SYNC:%=sync/%) \
	$(CMD:%=cmd/%)
OBJECTS = $(MODULES:%=$(OBJ)/%.o)
# With TESTS, only what it names: `hash`, `fuzz-delta`.
UNITS = $(patsubst tests/unit/%.c,$(OBJ)/unit/%,$(wildcard \
	$(if $(TESTS),$(TESTS:%=tests/unit/%.c),tests/unit/*.c)))
FUZZ = $(patsubst tests/fuzz/%.c,$(OBJ)/fuzz/%,$(wildcard \
	$(if $(TESTS),$(TESTS:fuzz-%=tests/fuzz/%.c),tests/fuzz/*.c)))

WARN = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wconversion
OUR_CPPFLAGS = -std=c99 -D_POSIX_C_SOURCE=200809L -Isrc \
	-DVERSION='"$(VERSION)"'
OUR_CFLAGS = $(WARN) -ffunction-sections -fdata-sections
OUR_LDFLAGS = -Wl,--gc-sections -Wl,-z,noexecstack

ifeq ($(TARGET),glibc)

LIBS = -lbearssl -ltomcrypt -lz
READY = $(OBJ)/ready
OUR_CFLAGS += -fstack-protector-strong
OUR_LDFLAGS += -Wl,-z,relro,-z,now
ifneq ($(SAN),)
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
OUR_CFLAGS += $(SANITIZE)
OUR_LDFLAGS += $(SANITIZE)
else
OUR_CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

else

# The header of libtomcrypt changes with what is chosen of it: the same flags
# for the library and for us.  ARGTYPE=4: a wrong argument is an error, no exit.
LTC = -DLTC_NOTHING -DLTC_NO_TEST -DLTC_NO_FILE -DLTC_SMALL_CODE \
	-DLTC_BLAKE2S -DARGTYPE=4
DEPS = deps/$(TARGET)
LIBS = $(if $(STATIC),$(OBJ)/libs/vfprintf.o) $(DEPS)/libbearssl.a \
	$(DEPS)/libtomcrypt.a $(or $(ZLIB),$(DEPS)/libz.a)
READY = $(DEPS)/ready
OUR_CPPFLAGS += -isystem $(DEPS)/include $(LTC)
# gcc makes a PIE where its distribution says so, and musl's is dynamic.
NO_PIE = $(if $(STATIC),-fno-pie)
# Functions with an array of bytes are protected; -strong takes 8 KiB more, for
# locals that have an address and no length.
OUR_CFLAGS += $(NO_PIE) -fno-asynchronous-unwind-tables -fno-unwind-tables \
	-fstack-protector $(COMPACT)
# Without relro data that changes and data that does not share a page; and no
# zeros in the file where these would spare a page of memory.
OUR_LDFLAGS += $(STATIC) -s -Wl,--build-id=none -Wl,-z,noseparate-code \
	-Wl,-z,norelro -Wl,-z,common-page-size=16

endif

# The simulator is one program; functions that its headers declare as __wrap_X
# take the place of X in the library.
SIM = $(patsubst tests/sim/%.c,$(OBJ)/sim/%.o,$(wildcard tests/sim/*.c))
SIM_WRAP = $(patsubst %,-Wl$(COMMA)--wrap=%,$(shell sed -n \
	's/.*__wrap_\([a-z][a-z0-9_]*\).*/\1/p' tests/sim/wraps.h tests/sim/rules.h))
COMMA = ,

# A harness is a program over files, or with -fsanitize=fuzzer for libFuzzer.
FUZZ_AS = -DFUZZ_MAIN

# V=1 shows the commands.
Q = $(if $(V),,@)

all: $(BIN)

deps: $(READY)

$(BIN): $(OBJ)/main.o $(LIB) $(filter %.o,$(LIBS)) $(READY)
	@echo 'link $@'
	$(Q)$(CC) $(LDFLAGS) $(OUR_LDFLAGS) -Wl,-Map=$(OBJ)/ucsync.map \
	    -o $@ $(OBJ)/main.o $(LIB) $(LIBS)

$(LIB): $(OBJECTS)
	@rm -f $@
	$(Q)$(AR) rc $@ $(OBJECTS)

$(FAST:%=$(OBJ)/%.o): OUR_CFLAGS += $(if $(SAN),,-O2 -fcaller-saves)
# libc, which is no mips16, jumps to vfprintf.
$(patsubst %,$(OBJ)/%.o,$(FAST) libs/vfprintf): OUR_CFLAGS += \
	$(if $(filter -mips16,$(COMPACT)),-mno-mips16)
$(OBJ)/%.o: src/%.c config.mk | $(READY)
	@echo 'cc $<'
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(OUR_CPPFLAGS) $(OUR_CFLAGS) \
	    -MMD -MP -c -o $@ $<

$(OBJ)/unit/%: tests/unit/%.c $(LIB) $(filter %.o,$(LIBS))
	@echo 'cc $<'
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(OUR_CPPFLAGS) $(OUR_CFLAGS) -MMD -MP \
	    $(LDFLAGS) $(OUR_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

$(OBJ)/fuzz/%: tests/fuzz/%.c $(LIB) $(filter %.o,$(LIBS))
	@echo 'cc $<'
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(OUR_CPPFLAGS) $(OUR_CFLAGS) -MMD -MP \
	    $(FUZZ_AS) $(LDFLAGS) $(OUR_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

$(OBJ)/sim/%.o: tests/sim/%.c config.mk | $(READY)
	@echo 'cc $<'
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(OUR_CPPFLAGS) $(OUR_CFLAGS) \
	    -Itests/sim -MMD -MP -c -o $@ $<

$(OBJ)/sim/sim: $(SIM) $(LIB) $(filter %.o,$(LIBS))
	@echo 'link $@'
	$(Q)$(CC) $(LDFLAGS) $(OUR_LDFLAGS) $(SIM_WRAP) -o $@ $(SIM) $(LIB) \
	    $(LIBS)

-include $(SIM:.o=.d)
-include $(OBJECTS:.o=.d) $(OBJ)/main.d $(UNITS:=.d) $(FUZZ:=.d)

$(OBJ)/ready:
	@src/libs/need glibc '$(CC)'
	@mkdir -p $(@D)
	@touch $@

# Sources given from outside are built where they are; the others are fetched.
SOURCES = bearssl=$(or $(BEARSSL_SRC),deps/src/bearssl) \
	libtomcrypt=$(or $(LIBTOMCRYPT_SRC),deps/src/libtomcrypt) \
	$(if $(ZLIB),,zlib=$(or $(ZLIB_SRC),deps/src/zlib))
FETCH = $(if $(MUSL),$(if $(MUSL_SRC),,musl)) \
	$(if $(BEARSSL_SRC),,bearssl) $(if $(LIBTOMCRYPT_SRC),,libtomcrypt) \
	$(if $(ZLIB)$(ZLIB_SRC),,zlib)

deps/%/ready: src/libs/fetch src/libs/musl src/libs/build
	@src/libs/need $(if $(strip $(FETCH)),fetch,given) \
	    $(if $(MUSL),'$(CROSS)-gcc' bare,'$(CC) $(STATIC)')
	@src/libs/fetch deps/src $(FETCH)
	$(if $(MUSL),@src/libs/musl $(@D) $(or $(MUSL_SRC),deps/src/musl) \
	    $(CROSS) $(word 2,$(OTHER)) '$(wordlist 3,9,$(OTHER))')
	@CC='$(CC)' AR='$(AR)' CFLAGS='$(CFLAGS) $(NO_PIE)' LTC='$(LTC)' \
	    src/libs/build $(@D) $(SOURCES)
	@touch $@

SIM_WANTED = $(if $(filter sim,$(or $(TESTS),sim)),$(OBJ)/sim/sim)
test: $(BIN) $(UNITS) $(FUZZ) $(SIM_WANTED)
	@CC='$(CC)' UCSYNC='$(abspath $(BIN))' BUILD='$(abspath $(OBJ))' \
	    LONG='$(LONG)' tests/run $(TESTS)

units: $(UNITS)

harnesses: $(FUZZ)

# `make sim N=1000000 SEED=1`: so many random worlds, two at a time.
N = 100000
SEED = 1
sim: $(OBJ)/sim/sim
	@$(OBJ)/sim/sim $(N) $(SEED)

# Builds for other CPUs and runs them: all, or TARGETS="mips armv7"; with QUICK=1
# a part of the tests.
check-cross:
	@QUICK='$(QUICK)' tests/cross $(TARGETS)

# Virtual routers that lose power, whose clocks jump, and that count what is
# written to flash; all of it, or TESTS="cuts behind flash clock" of these.
check-vm: $(BIN)
	@UCSYNC='$(abspath $(BIN))' tests/vm/run $(TESTS)

# What takes how much of the binary, and what that was when last recorded.
size: $(BIN)
	@tests/size $(BIN) $(OBJ)/ucsync.map $(RECORD)

print-%:
	@echo '$($*)'

# `make fuzz T=60 TESTS="fuzz-delta"`: T seconds each, those named or all.
T = 60
fuzz:
	@tests/fuzz/run $(T) $(TESTS)

# All that a test can do, where `make test` takes a part of it.
test-long:
	@$(MAKE) test LONG=1

# Against csync2 and rsync, as root: tests/bench/run says what can be set.
bench: $(BIN)
	@UCSYNC='$(abspath $(BIN))' QUICK='$(QUICK)' tests/bench/run

demo: $(BIN)
	@UCSYNC='$(abspath $(BIN))' tests/demo

# The source, and the stripped binaries of all targets, or of TARGETS, with their
# sizes and sums. The same source and compilers give the same bytes.
release:
	@src/libs/release '$(VERSION)' musl $(or $(TARGETS),$(OTHERS))

install: $(BIN)
	mkdir -p $(DESTDIR)$(PREFIX)/sbin
	cp $(BIN) $(DESTDIR)$(PREFIX)/sbin/ucsync
	chmod 755 $(DESTDIR)$(PREFIX)/sbin/ucsync
	mkdir -p $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/man/man8
	cp src/ucsync.cfg.5 src/ucsync-proto.5 \
	    $(DESTDIR)$(PREFIX)/share/man/man5
	cp src/ucsync.8 $(DESTDIR)$(PREFIX)/share/man/man8
	mkdir -p $(DESTDIR)$(COMPLETIONS)
	cp src/ucsync.bash $(DESTDIR)$(COMPLETIONS)/ucsync

# The second name under which ucsync takes csync2's place.
install-csync2: install
	ln -sf ucsync $(DESTDIR)$(PREFIX)/sbin/csync2

clean:
	rm -rf build ucsync dist

distclean: clean
	rm -rf deps

.PHONY: all deps test test-long units harnesses sim check-cross check-vm size fuzz \
	bench demo release install install-csync2 clean distclean
