/* SPDX-License-Identifier: ISC */
#ifndef UNIT_STAMPS_H
#define UNIT_STAMPS_H

#include "state/version.h"

static inline int
stamp_equal(struct stamp a, struct stamp b)
{
	return a.replica == b.replica && a.number == b.number;
}

#endif
