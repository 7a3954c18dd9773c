# SPDX-License-Identifier: ISC
#
# Stands for OpenWrt's rules.mk and package.mk in tests of openwrt/Makefile:
# prepare, compile and install do what a build there does with the package, says
# tells of its source.

INCLUDE_DIR = $(TOPDIR)/include
PKG_BUILD_DIR = $(TOPDIR)/build/$(PKG_NAME)-$(PKG_VERSION)
DL_DIR = $(TOPDIR)/dl
INSTALL_DIR = install -d -m0755
CP = cp -fpR
TAR = tar
LN = ln -sf
INSTALL_BIN = install -m0755
INSTALL_CONF = install -m0600
INSTALL_DATA = install -m0644

Build/Prepare/Default = $(TAR) -C $(TOPDIR)/build -xJf $(DL_DIR)/$(PKG_SOURCE)

says:
	@echo 'version $(PKG_VERSION)'
	@echo 'source $(PKG_SOURCE_URL) $(PKG_SOURCE)'

prepare:
	$(Build/Prepare)

compile:
	$(Build/Compile)

install:
	$(call Package/ucsync/install,$(TOPDIR)/root)
